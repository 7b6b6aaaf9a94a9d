namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Keeps the memory of a run within bounds: of many repositories that are looked at at the same time one may be large. A second waits, with what it has read so far.
/// </summary>
internal sealed class RepositorySize(CollectionRun run) : IDisposable
{
    // Some two megabytes of memory.
    private const int Large = 10_000;

    private bool _holds;

    /// <param name="manifests">So many were read by now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task GrowAsync(int manifests, CancellationToken cancellationToken)
    {
        if (_holds || manifests <= Large) return;
        await run.LargeRepositories.WaitAsync(cancellationToken);
        _holds = true;
    }

    public void Dispose()
    {
        if (_holds) run.LargeRepositories.Release();
    }
}
