using System.Buffers.Binary;

namespace Serverless.Web.Auth.Passwords;

/// <summary>What the beginning of a hash of ASP.NET Core Identity says (its format 3): 1, the function, the rounds and the salt's length, in network order.</summary>
/// <param name="Function">The function under PBKDF2: 0 is HMAC-SHA1, 1 HMAC-SHA256, 2 HMAC-SHA512.</param>
/// <param name="Rounds">How many rounds it took.</param>
internal readonly record struct IdentityHash(uint Function, int Rounds)
{
    /// <summary>HMAC-SHA512, with which hashes are made here.</summary>
    public const uint Sha512 = 2;

    private const int HeaderLength = 13;

    // Far more than anybody sets, and few enough for a row that is broken not to keep a processor busy for minutes.
    private const int MaxRounds = 10_000_000;

    /// <summary>Reads it; null when a text is no such hash.</summary>
    public static IdentityHash? Find(string hash)
    {
        var bytes = new byte[hash.Length];
        if (!Convert.TryFromBase64String(hash, bytes, out var length) || length <= HeaderLength || bytes[0] != 1) return null;
        var rounds = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5));
        return rounds is > 0 and <= MaxRounds ? new IdentityHash(BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1)), (int)rounds) : null;
    }
}
