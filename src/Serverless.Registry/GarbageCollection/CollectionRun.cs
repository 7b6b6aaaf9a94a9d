using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>What all parts of one run share.</summary>
internal sealed class CollectionRun(RegistryContext context, CollectionOptions options, DateTimeOffset now, Action<CollectedItem>? report)
{
    // After so many failures of storage in a row, in whatever places, nobody gains by further calls.
    private const int MaxFailures = 50;

    private readonly Lock _lock = new();
    private readonly long _started = context.TimeProvider.GetTimestamp();
    private int _inARow;
    private Task? _proof;

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

    /// <summary>One at a time.</summary>
    public SemaphoreSlim LargeRepositories { get; } = new(1);

    /// <summary>So many blobs at a time, in however many groups they come.</summary>
    public SharedLimit Blobs { get; } = new(options.MaxParallel);

    /// <summary>Whether a part of the run's time has passed.</summary>
    /// <param name="share">Between 0 and 1.</param>
    public bool IsOutOfTime(double share) => context.TimeProvider.GetElapsedTime(_started) > options.TimeBudget * share;

    /// <summary>Asked before each repository, and before each handful of blobs.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: read-only; or what is stored is another registry's, or a newer release's.</exception>
    public async Task AdmitAsync(CancellationToken cancellationToken)
    {
        if (options.DryRun) return;
        if (!await ProveAsync(cancellationToken)) await context.DemandCollectorStillAsync(cancellationToken);
        await DemandWritableAsync(cancellationToken);
    }

    /// <returns>Whether this was the first to ask; of many at once one asks for all.</returns>
    private async Task<bool> ProveAsync(CancellationToken cancellationToken)
    {
        Task proof;
        bool isFirst;
        lock (_lock)
        {
            // What failed for want of an answer is asked again.
            isFirst = _proof is null or { IsFaulted: true } or { IsCanceled: true };
            proof = _proof = isFirst ? context.DemandCollectorAsync(cancellationToken) : _proof!;
        }

        await proof;
        return isFirst;
    }

    /// <summary>Asked before each step that deletes.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only by now, or a newer release's. What is not done comes with a later run.</exception>
    public ValueTask DemandWritableAsync(CancellationToken cancellationToken) => options.DryRun ? ValueTask.CompletedTask : context.DemandCollectableAsync(cancellationToken);

    /// <summary>Looks at one repository or blob. What is wrong with it is its own trouble: nothing of it is deleted on half knowledge, and the others have their turn.</summary>
    /// <param name="look">The look.</param>
    /// <param name="tell">Says what it was about, and why it was left alone.</param>
    /// <param name="cancellationToken">The end of the run is no failure.</param>
    /// <returns>Whether it makes sense; false: it was passed over, and nobody need look at it soon.</returns>
    /// <exception cref="StorageUnavailableException">Storage has failed too often.</exception>
    public async Task<bool> TryAsync(Func<Task> look, Func<string, CollectedItem> tell, CancellationToken cancellationToken)
    {
        try
        {
            await look();
            lock (_lock) (_inARow, Summary.Succeeded) = (0, true);
            return true;
        }
        catch (StorageUnavailableException e) when (!cancellationToken.IsCancellationRequested)
        {
            // It stays as due as it was.
            Report(tell(e.Message));
            lock (_lock)
            {
                Summary.LastFailure = e;
                if (++_inARow >= MaxFailures) throw;
            }

            return true;
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            Report(tell(e.Message));
            return false;
        }
    }

    public void Report(CollectedItem item)
    {
        lock (_lock)
        {
            Summary.Add(item);
            report?.Invoke(item);
        }
    }

    public void Reviewed()
    {
        lock (_lock) Summary.Reviewed++;
    }
}
