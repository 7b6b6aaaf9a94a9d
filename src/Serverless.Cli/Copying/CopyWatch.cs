using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Copying;

namespace Serverless.Cli.Copying;

/// <summary>Tells how far a copy has come: by bars on a terminal, else by a line every few seconds.</summary>
internal sealed class CopyWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(5);

    private readonly CliContext _context;
    private readonly long _started;
    private readonly ProgressLines _lines;
    private readonly CopyBars? _bars;
    private bool _hasEnded;

    public CopyWatch(CliContext context, bool quiet)
    {
        (_context, _started) = (context, context.Time.GetTimestamp());
        var hasBars = !quiet && context.Console.ErrorIsTerminal;
        _lines = new ProgressLines(context, quiet || hasBars ? null : s_betweenLines, Text);
        _bars = hasBars ? new CopyBars(context.Console, Progress) : null;
    }

    public CopyProgress Progress { get; } = new();

    /// <summary>What was done, in words.</summary>
    public string Text()
    {
        var seconds = _context.Time.GetElapsedTime(_started).TotalSeconds;
        var rate = seconds > 0 ? Progress.Bytes / seconds / (1 << 20) : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Progress.Manifests} manifests, {Progress.Tags} tags and {Progress.Blobs} blobs copied, {Progress.Present} things were there; {Progress.Bytes} of {Progress.Expected} bytes, {rate:0.0} MiB/s");
    }

    /// <summary>Prints a line of what was copied. On a terminal it stands above the bars.</summary>
    public void Tell(string line)
    {
        if (_bars is not null && _context.Console.OutIsTerminal) _bars.Tell(line);
        else _context.Console.Out.WriteLine(line);
    }

    /// <summary>Takes the bars away.</summary>
    public async Task EndAsync()
    {
        if (_hasEnded) return;
        _hasEnded = true;
        await _lines.DisposeAsync();
        if (_bars is not null) await _bars.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await EndAsync();
}
