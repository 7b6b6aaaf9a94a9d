using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Who signed in at this instance, and by which password, so that the same again needs no turn and no second computation, whatever others try meanwhile. Kept under a key of
/// this process; where the account has another hash, or none, nothing is remembered of it.
/// </summary>
internal sealed class ProvenPasswords
{
    private const int MaxRemembered = 1000;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, string> _right = new(StringComparer.Ordinal);

    /// <summary>Whether somebody of that name signed in here.</summary>
    public bool Knows(string name) => _right.ContainsKey(name);

    /// <summary>Whether this is the password that was right last for the name, and the hash that it was compared with.</summary>
    public bool IsRight(string name, string hash, string password) =>
        _right.TryGetValue(name, out var seen) && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(seen), Encoding.UTF8.GetBytes(Seal(name, hash, password)));

    /// <summary>Remembers that a password was right.</summary>
    public void Add(string name, string hash, string password)
    {
        // Only who has an account comes here, so nobody can push the others out at will.
        if (_right.Count >= MaxRemembered && !_right.ContainsKey(name)) _right.Clear();
        _right[name] = Seal(name, hash, password);
    }

    private string Seal(string name, string hash, string password) => Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{name}\0{hash}\0{password}")));
}
