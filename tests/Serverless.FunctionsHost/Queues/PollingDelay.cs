using System.Security.Cryptography;

namespace Serverless.FunctionsHost.Queues;

/// <summary>How long the host waits before it looks at an empty queue again: from 100 ms, about twice as long each time, up to a limit.</summary>
/// <remarks>RandomizedExponentialBackoffStrategy of Microsoft.Azure.WebJobs.Extensions.Storage.Queues 5.3.10.</remarks>
internal sealed class PollingDelay(TimeSpan limit)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(100);

    private int _emptyLooks;

    /// <summary>Begins again with the shortest wait: there was a message.</summary>
    public void Reset() => _emptyLooks = 0;

    public TimeSpan Next()
    {
        // Beyond that it is the limit in any case: the limit is seven days at most.
        if (_emptyLooks > 30) return limit;
        var more = _emptyLooks == 0 ? TimeSpan.Zero : s_shortest * Math.Pow(2, _emptyLooks - 1) * RandomNumberGenerator.GetInt32(80, 121) / 100;
        _emptyLooks++;
        return s_shortest + more < limit ? s_shortest + more : limit;
    }
}
