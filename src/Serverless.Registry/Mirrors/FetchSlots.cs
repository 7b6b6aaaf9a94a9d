using Serverless.Registry.Oci;

namespace Serverless.Registry.Mirrors;

/// <summary>How many blobs an instance fetches at a time, so that the memory for them has a bound; and when all of it ends.</summary>
internal sealed class FetchSlots : IDisposable
{
    /// <summary>How many at a time.</summary>
    public const int Count = 16;

    /// <summary>Bytes of each that those who are sent them at once may be behind.</summary>
    public const int WindowSize = 2 * 1024 * 1024;

    // Whoever waits has to be answered in time.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _free = new(Count);
    private readonly CancellationTokenSource _end = new();

    /// <summary>Ends a fetch that takes longer than this, or that goes on when the registry ends.</summary>
    public CancellationTokenSource NewEnd(TimeSpan longest)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        end.CancelAfter(longest);
        return end;
    }

    /// <summary>Waits for a place.</summary>
    /// <exception cref="RegistryException">TOOMANYREQUESTS: there was none for a minute.</exception>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        if (await _free.WaitAsync(s_longestWait, cancellationToken)) return new Slot(_free);
        throw new RegistryException(RegistryError.TooManyRequests, $"as many blobs as one instance fetches at a time, {Count}, are being fetched");
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private sealed class Slot(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
