using System.Threading.Channels;
using Serverless.Registry;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Events;

/// <summary>A pull that somebody is to be told of.</summary>
/// <param name="Repository">Where.</param>
/// <param name="Target">The manifest or blob.</param>
/// <param name="Tag">The tag of a manifest; null when it was pulled by its digest.</param>
/// <param name="IsBlob">Whether it is a blob.</param>
/// <param name="Origin">Who has pulled.</param>
internal sealed record Pull(RepositoryName Repository, Descriptor Target, Tag? Tag, bool IsBlob, ChangeOrigin Origin);

/// <summary>Writes the events of pulls after they were answered. No pull waits or fails for it, so what is too much is dropped, and counted.</summary>
internal sealed partial class PullEvents(ContainerRegistry registry, EventMetrics metrics, ILogger<PullEvents> logger) : BackgroundService
{
    private const int Most = 1000;
    private const int Writers = 4;

    private readonly IReadOnlyList<EventSubscription> _subscriptions = [.. registry.Options.Events.Where(s => s.Actions.Contains(EventAction.Pull))];
    private readonly Channel<Pull> _pulls = Channel.CreateBounded<Pull>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Whether anybody wants to know.</summary>
    public bool Wants(RepositoryName repository, bool isBlob)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Wants(EventAction.Pull, repository, isBlob)) return true;
        }

        return false;
    }

    /// <summary>Somebody has pulled. Returns at once.</summary>
    public void Tell(Pull pull)
    {
        if (!_pulls.Writer.TryWrite(pull)) metrics.Dropped();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _subscriptions.Count == 0 ? Task.CompletedTask : Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(stoppingToken)));

    private async Task WriteAsync(CancellationToken stopping)
    {
        while (await _pulls.Reader.WaitToReadAsync(stopping).AsTask().ContinueWith(t => t.IsCompletedSuccessfully && t.Result, TaskScheduler.Default))
        {
            while (!stopping.IsCancellationRequested && _pulls.Reader.TryRead(out var pull)) await WriteAsync(pull, stopping);
        }
    }

    private async Task WriteAsync(Pull pull, CancellationToken stopping)
    {
        try
        {
            if ((await registry.Switches.GetAsync(stopping)).ReadOnly) return;
            await registry.TellPulledAsync(pull.Repository, pull.Target, pull.Tag, pull.IsBlob, pull.Origin, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            metrics.Dropped();
        }
        catch (Exception e)
        {
            // Whatever it is, the next pull may have more luck, and an exception that left this class would end the process.
            metrics.Dropped();
            LogDropped(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody is told of a pull: its event could not be written")]
    private partial void LogDropped(Exception exception);
}
