using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Serverless.Web.Auth.Tokens;

/// <summary>
/// Tokens whose signature was right, remembered by their hash: a client sends one token with dozens of requests, and checking a signature is by far the
/// dearest thing that most of them cost. Forgotten when they end, when a key is gone, and after five minutes at the latest.
/// </summary>
internal sealed class VerifiedTokens(TimeProvider timeProvider)
{
    private const int MaxCount = 4096;
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset Until, int Round)> _tokens = new(StringComparer.Ordinal);
    private int _round;

    /// <summary>Counts how often all was forgotten; to be read before a token is checked.</summary>
    public int Round => Volatile.Read(ref _round);

    /// <summary>The caller that a token stands for; null when it was never seen, or has ended.</summary>
    public Caller? Find(string token)
    {
        if (!_tokens.TryGetValue(Key(token), out var known)) return null;
        if (timeProvider.GetUtcNow() < known.Until && known.Round == Round) return known.Caller;
        _tokens.TryRemove(Key(token), out _);
        return null;
    }

    /// <summary>Remembers a token that holds.</summary>
    /// <param name="token">The token.</param>
    /// <param name="caller">Whom it stands for.</param>
    /// <param name="expires">Its <c>exp</c>.</param>
    /// <param name="round">The round in which it was checked: with keys that are gone by now it counts for nothing.</param>
    public void Add(string token, Caller caller, JsonElement expires, int round)
    {
        var until = timeProvider.GetUtcNow() + s_memory;
        if (!expires.TryGetInt64(out var seconds)) return;
        if (seconds < until.ToUnixTimeSeconds()) until = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (_tokens.Count >= MaxCount) _tokens.Clear();
        _tokens[Key(token)] = (caller, until, round);
    }

    /// <summary>Forgets all, those too that are being checked at this moment.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _round);
        _tokens.Clear();
    }

    private static string Key(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
