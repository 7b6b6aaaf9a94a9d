using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.GarbageCollection;

/// <summary>What all parts of one run share.</summary>
internal sealed class CollectionRun(RegistryContext context, CollectionOptions options, DateTimeOffset now, Action<CollectedItem>? report)
{
    private readonly Lock _lock = new();

    public RegistryContext Context => context;

    public CollectionOptions Options => options;

    public CollectionSummary Summary { get; } = new();

    /// <summary>The time of storage, from before anything was read.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Rows that were written at or after this time stay.</summary>
    public DateTimeOffset Cutoff => now - context.Options.Grace;

    /// <summary>
    /// When to look again at a queue row that this run writes: its Timestamp is then the time of that write, which is later than <see cref="Now"/> by as much as
    /// the run has taken so far. A row that is due a bare grace from now would be found young for ever by a timer that comes often.
    /// </summary>
    public DateTimeOffset NextTurn => now + (context.Options.Grace * 1.125);

    /// <summary>Asked before each step that deletes.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only by now. What is not done comes with a later run.</exception>
    public ValueTask DemandWritableAsync(CancellationToken cancellationToken) => options.DryRun ? ValueTask.CompletedTask : context.DemandWritableAsync(cancellationToken);

    public void Report(CollectedItem item)
    {
        lock (_lock)
        {
            Summary.Add(item);
            report?.Invoke(item);
        }
    }
}
