namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Failures by key in windows of a minute, the same ones for all keys. Only a failure makes an entry: whoever asks under a million names leaves nothing behind, and what is
/// remembered is bounded by what one instance can check in a minute.
/// </summary>
/// <param name="limit">How many failures a key may have in a window.</param>
/// <param name="timeProvider">Tells when a window ends.</param>
internal sealed class FailureCounts(int limit, TimeProvider timeProvider)
{
    /// <summary>The length of a window.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private long _began = timeProvider.GetTimestamp();

    /// <summary>Whether the key may fail once more.</summary>
    public bool HasLeft(string key)
    {
        lock (_lock)
        {
            Turn();
            return _failures.GetValueOrDefault(key) < limit;
        }
    }

    /// <summary>Counts a failure.</summary>
    public void Add(string key)
    {
        lock (_lock)
        {
            Turn();
            _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }
    }

    private void Turn()
    {
        if (timeProvider.GetElapsedTime(_began) < Window) return;
        _failures.Clear();
        _began = timeProvider.GetTimestamp();
    }
}
