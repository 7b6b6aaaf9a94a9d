using System.Globalization;
using Serverless.Registry.Copying;

namespace Serverless.Cli.Copying;

/// <summary>Tells how far a copy has come, every few seconds, with its rate.</summary>
internal sealed class CopyWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(5);

    private readonly CliContext _context;
    private readonly long _started;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _telling;

    public CopyWatch(CliContext context, bool quiet)
    {
        (_context, _started) = (context, context.Time.GetTimestamp());
        _telling = quiet ? Task.CompletedTask : TellAsync();
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

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _telling;
        _end.Dispose();
    }

    private async Task TellAsync()
    {
        using var timer = new PeriodicTimer(s_betweenLines, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token)) await _context.Console.SayAsync(Text() + " so far");
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }
}
