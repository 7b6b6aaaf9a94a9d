using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Copying;

namespace Serverless.Cli.Copying;

/// <summary>Tells how far a copy has come, every few seconds, with its rate.</summary>
internal sealed class CopyWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(5);

    private readonly CliContext _context;
    private readonly long _started;
    private readonly ProgressLines _lines;

    public CopyWatch(CliContext context, bool quiet)
    {
        (_context, _started) = (context, context.Time.GetTimestamp());
        _lines = new ProgressLines(context, quiet ? null : s_betweenLines, Text);
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

    public ValueTask DisposeAsync() => _lines.DisposeAsync();
}
