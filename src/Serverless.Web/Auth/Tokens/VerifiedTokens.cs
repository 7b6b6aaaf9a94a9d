using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Serverless.Web.Auth.Tokens;

/// <summary>
/// Tokens whose signature was right, remembered by their hash: a client sends one token with dozens of requests, and checking a signature is by far the
/// dearest thing that most of them cost. Forgotten when they end, and after five minutes at the latest.
/// </summary>
internal sealed class VerifiedTokens(TimeProvider timeProvider)
{
    private const int MaxCount = 4096;
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset Until)> _tokens = new(StringComparer.Ordinal);

    /// <summary>The caller that a token stands for; null when it was never seen, or has ended.</summary>
    public Caller? Find(string token)
    {
        if (!_tokens.TryGetValue(Key(token), out var known)) return null;
        if (timeProvider.GetUtcNow() < known.Until) return known.Caller;
        _tokens.TryRemove(Key(token), out _);
        return null;
    }

    /// <summary>Remembers a token that holds.</summary>
    public void Add(string token, Caller caller, JsonElement expires)
    {
        var until = timeProvider.GetUtcNow() + s_memory;
        if (!expires.TryGetInt64(out var seconds)) return;
        if (seconds < until.ToUnixTimeSeconds()) until = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (_tokens.Count >= MaxCount) _tokens.Clear();
        _tokens[Key(token)] = (caller, until);
    }

    private static string Key(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
