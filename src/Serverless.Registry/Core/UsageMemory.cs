using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// What namespaces hold, for quotas: the sums that the collector has counted, and what was added since. An instance remembers it for five seconds, with what it adds itself; so a namespace may pass
/// its quota by what other instances push within that time, and by what is on its way when it is read.
/// </summary>
internal sealed class UsageMemory(ITableStore tables, TimeProvider time)
{
    private const int MaxRemembered = 1000;

    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    /// <summary>What the namespace of a repository holds. Costs a read for each thousand of its repositories and of what was added, once in five seconds, however many ask.</summary>
    public async Task<NamespaceUse> ReadAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var partition = TableKeys.UsagePartition(repository.ToString());
        Reading reading;
        lock (_lock)
        {
            // One that has failed is not relied on.
            if (!_readings.TryGetValue(partition, out reading!) || reading.Use.IsFaulted || time.GetElapsedTime(reading.Began) >= s_memory)
            {
                if (_readings.Count >= MaxRemembered) _readings.Clear();
                // For all who wait: it does not end with the first of them.
                reading = _readings[partition] = new Reading(time.GetTimestamp(), Task.Run(() => SumAsync(partition), CancellationToken.None));
            }
        }

        return await reading.Use.WaitAsync(cancellationToken);
    }

    private async Task<NamespaceUse> SumAsync(string partition)
    {
        var sum = 0L;
        var query = RowQuery.Prefix(partition, "") with { Select = [RepositoryUse.BytesProperty] };
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, query, CancellationToken.None)) sum += row.GetInt64(RepositoryUse.BytesProperty);
        return new NamespaceUse(sum);
    }

    private sealed record Reading(long Began, Task<NamespaceUse> Use);
}

/// <summary>What a namespace holds, as one instance knows it.</summary>
internal sealed class NamespaceUse(long bytes)
{
    private readonly Lock _lock = new();
    private long _bytes = bytes;

    /// <summary>In bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    /// <summary>Adds what is about to be linked, looked at and taken in one step: of many pushes none gets past another.</summary>
    /// <param name="size">So many bytes.</param>
    /// <param name="demand">Told of what is there; it may refuse.</param>
    /// <returns>What is there then.</returns>
    public long Take(long size, Action<long> demand)
    {
        lock (_lock)
        {
            demand(_bytes);
            return _bytes += size;
        }
    }
}
