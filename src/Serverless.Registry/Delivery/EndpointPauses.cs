using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Serverless.Registry.Delivery;

/// <summary>
/// Which endpoints this instance leaves in peace, and until when. One that does not work is not asked for each of the places that have events; one that works again is asked for all of them.
/// </summary>
internal sealed class EndpointPauses
{
    private readonly ConcurrentDictionary<string, (int Failures, DateTimeOffset Until)> _pauses = new();

    /// <summary>Before when an endpoint is left in peace; null when it may be asked.</summary>
    public DateTimeOffset? Find(string endpoint) => _pauses.TryGetValue(endpoint, out var pause) ? pause.Until : null;

    /// <summary>The endpoint has taken an event.</summary>
    public void Clear(string endpoint) => _pauses.TryRemove(endpoint, out _);

    /// <summary>The endpoint does not work.</summary>
    public void Add(string endpoint, EndpointOptions options, TimeSpan? retryAfter, DateTimeOffset now) => _pauses.AddOrUpdate(
        endpoint,
        _ => (1, now + Longer(retryAfter, For(options, 1))),
        (_, pause) => pause.Until > now && retryAfter is null ? pause : (pause.Failures + 1, now + Longer(retryAfter, For(options, pause.Failures + 1))));

    /// <summary>How long to wait after so many attempts in succession that failed. Many who wait shall not all come back at the same moment.</summary>
    public static TimeSpan For(EndpointOptions options, int attempts)
    {
        // In seconds: as a duration it would soon be too long for one.
        var seconds = Math.Min(options.Backoff.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 60)), options.MaxBackoff.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.8 + (RandomNumberGenerator.GetInt32(400) / 1000.0)));
    }

    /// <summary>A pause that is long enough for who has asked for one, and some more, so that not all come at once.</summary>
    public static TimeSpan Longer(TimeSpan? retryAfter, TimeSpan pause) =>
        retryAfter is { } asked && asked > pause ? asked * (1 + (RandomNumberGenerator.GetInt32(200) / 1000.0)) : pause;
}
