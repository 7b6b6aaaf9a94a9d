using Serverless.Registry.Core;
using Serverless.Registry.Delivery;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Health;

/// <summary>
/// Whether storage answers, and whether anybody collects the garbage. Everybody may ask, so the answer is kept for a while and found once for all who ask at the
/// same time: however many ask, an instance makes four calls to storage in that while, and one more where there are events.
/// </summary>
public sealed class HealthCheck
{
    private readonly ITableStore _tables;
    private readonly RegistryIdentity _identity;
    private readonly RegistrySwitches _switches;
    private readonly HealthOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Action<string, Exception>? _failed;
    private QueueAge _repositories;
    private QueueAge _blobs;
    private QueueAge _outbox;
    private readonly Lock _lock = new();
    private Task<HealthReport>? _check;
    private long _started;

    /// <summary>A check of a registry's storage.</summary>
    /// <param name="tables">Where the metadata is.</param>
    /// <param name="identity">Of the registry: it knows where the bytes are, and whose they are.</param>
    /// <param name="switches">Of the registry: in read-only mode nobody collects.</param>
    /// <param name="options">Choices.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="failed">Told which part did not answer and why, which the report keeps to itself; may be null.</param>
    public HealthCheck(
        ITableStore tables, RegistryIdentity identity, RegistrySwitches switches, HealthOptions options, TimeProvider timeProvider, Action<string, Exception>? failed)
    {
        (_tables, _identity, _switches, _options, _timeProvider, _failed) = (tables, identity, switches, options, timeProvider, failed);
        (_repositories, _blobs, _outbox) = Queues();
    }

    /// <summary>How the registry is, or was a moment ago.</summary>
    public Task<HealthReport> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A check that is under way is everybody's, whatever its age; it does not end with the request that began it.
            if (_check is null || (_check.IsCompleted && _timeProvider.GetElapsedTime(_started) >= _options.Memory))
            {
                _started = _timeProvider.GetTimestamp();
                // Nor has it anything else of that request, such as its trace.
                using var none = ExecutionContext.SuppressFlow();
                _check = Task.Run(CheckAsync, CancellationToken.None);
            }

            return _check.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthReport> CheckAsync()
    {
        var unknown = new QueueHealth(HealthStatus.Unknown, null);
        var (repositories, blobs, events) = (unknown, unknown, unknown);
        string? marker = null;
        SharedRows.Seen? shared = null;
        var objects = TryAsync("objects", async token => marker = await _identity.ReadMarkerAsync(token));
        var tables = await TryAsync("tables", async token =>
        {
            shared = await _identity.ReadRowsAsync(token);
            var paused = (await _switches.GetAsync(token)).ReadOnly;
            var now = _timeProvider.GetUtcNow();
            repositories = Judge(await _repositories.ReadAsync(now, token), _options.QueueOverdue, paused);
            blobs = Judge(await _blobs.ReadAsync(now, token), _options.QueueOverdue, paused);
            if (_options.Endpoints.Count > 0) events = Judge(await _outbox.ReadAsync(now, token), _options.EventsOverdue, paused: false);
        });
        // A look that was given up may still come to an end; it has no part in the next.
        if (tables == HealthStatus.Unreachable) (_repositories, _blobs, _outbox) = Queues();
        var bytes = await objects;
        if (bytes == HealthStatus.Healthy && shared is not null && !RegistryIdentity.Report(shared, marker).Agrees) bytes = HealthStatus.Foreign;
        return new HealthReport(tables, bytes, repositories, blobs) { Events = _options.Endpoints.Count > 0 ? events : null };
    }

    private (QueueAge Repositories, QueueAge Blobs, QueueAge Outbox) Queues() =>
    (
        new QueueAge(_tables, TableKeys.RepositoryQueue with { Select = [QueueEntry.DueProperty] }, Due),
        new QueueAge(_tables, TableKeys.DigestQueue with { Select = [QueueEntry.DueProperty] }, Due),
        new QueueAge(_tables, TableKeys.Outbox with { Select = [DeliveryState.SinceProperty] }, Waits));

    // What an endpoint has left that is told of nothing any more is nobody's trouble.
    private DateTimeOffset? Waits(TableRow row) =>
        TableKeys.OutboxParts(row.Key).Endpoint is { } endpoint && _options.Endpoints.Contains(endpoint) ? DeliveryState.Read(row).Since : null;

    // A row that cannot be read is the collector's to tell of, and has waited since it was written.
    private static DateTimeOffset? Due(TableRow row)
    {
        try
        {
            return new QueueEntry(row).Due ?? row.Timestamp;
        }
        catch (FormatException)
        {
            return row.Timestamp;
        }
    }

    private static QueueHealth Judge(TimeSpan waits, TimeSpan most, bool paused) =>
        new(paused ? HealthStatus.Paused : waits > most ? HealthStatus.Overdue : HealthStatus.Healthy, waits);

    private async Task<HealthStatus> TryAsync(string part, Func<CancellationToken, Task> look)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout);
        try
        {
            // Not all that is called on the way listens to the token; a credential may start a process.
            await look(timeout.Token).WaitAsync(timeout.Token);
            return HealthStatus.Healthy;
        }
        catch (Exception e)
        {
            // Whatever it is, the answer to the question is no.
            _failed?.Invoke(part, e);
            return HealthStatus.Unreachable;
        }
    }
}
