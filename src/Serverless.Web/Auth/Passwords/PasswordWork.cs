using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Makes and checks hashes of passwords so that every check is the same work, whoever it is for: a name that nobody has, or one with a hash of whatever kind and cost. Whoever guesses names
/// learns nothing from the time.
/// <code>
///   PBKDF2   rounds of the hash, then the rest up to the most that were seen
///   bcrypt   2^cost of the hash, then 2^cost + 2^(cost+1) + ... + 2^(dearest-1): 2^dearest in all
/// </code>
/// Until the first bcrypt hash is seen there is no bcrypt in it, and since then always, as dear as the dearest.
/// </summary>
/// <param name="rounds">The rounds of the hashes that are made here.</param>
internal sealed class PasswordWork(int rounds)
{
    private static readonly object s_nobody = new();

    private readonly PasswordHasher<object> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = rounds }));
    private readonly Lock _lock = new();
    private readonly int _rounds = rounds;
    private string? _decoy;
    private int _mostRounds = rounds;
    private int _dearest;
    private long _pbkdf2;
    private long _bcrypt;

    /// <summary>The rounds of PBKDF2 and of bcrypt that all checks took so far.</summary>
    public (long Pbkdf2, long Bcrypt) Done => (Interlocked.Read(ref _pbkdf2), Interlocked.Read(ref _bcrypt));

    public string Hash(string password) => _hasher.HashPassword(s_nobody, password);

    /// <summary>Whether a hash of ASP.NET Core Identity is as strong as those that are made here.</summary>
    public bool IsStrong(string hash) => IdentityHash.Find(hash) is { Function: IdentityHash.Sha512 } header && header.Rounds >= _rounds;

    /// <summary>Whether the password is right.</summary>
    /// <param name="hash">The hash, of either kind; null when there is no such account. What only looks like one fits no password.</param>
    /// <param name="password">The password.</param>
    public bool Verify(string? hash, string password)
    {
        var bcrypt = hash is not null && PasswordHashes.IsBcrypt(hash) ? hash : null;
        var ours = bcrypt is null && hash is not null && IdentityHash.Find(hash) is not null ? hash : null;
        var isOurs = VerifyOurs(ours, password);
        var dearest = See(ref _dearest, bcrypt is null ? 0 : Cost(bcrypt));
        var isTheirs = dearest > 0 && VerifyBcrypt(bcrypt, password, dearest);
        return isOurs || isTheirs;
    }

    /// <summary>Whether the password is right by a bcrypt hash, at the work of the dearest hash that there is.</summary>
    /// <param name="hash">The hash; null when there is no such user.</param>
    /// <param name="password">The password.</param>
    /// <param name="dearest">The highest cost that any hash has.</param>
    public bool VerifyBcrypt(string? hash, string password, int dearest)
    {
        Interlocked.Add(ref _bcrypt, 1L << dearest);
        if (hash is null)
        {
            BCrypt.Net.BCrypt.HashPassword("", dearest);
            return false;
        }

        var fits = !PasswordHashes.IsTooLongForBcrypt(password);
        var right = BCrypt.Net.BCrypt.Verify(fits ? password : "", hash) && fits;
        for (var cost = Cost(hash); cost < dearest; cost++) BCrypt.Net.BCrypt.HashPassword("", cost);
        return right;
    }

    /// <summary>The cost of a bcrypt hash: it takes two to that power rounds.</summary>
    public static int Cost(string hash) => int.Parse(hash.AsSpan(4, 2), CultureInfo.InvariantCulture);

    private bool VerifyOurs(string? hash, string password)
    {
        var known = hash ?? Decoy();
        var needed = IdentityHash.Find(known)!.Value.Rounds;
        var most = See(ref _mostRounds, needed);
        Interlocked.Add(ref _pbkdf2, most);
        var right = Fits(known, password);
        if (needed < most) Rfc2898DeriveBytes.Pbkdf2("", new byte[16], most - needed, HashAlgorithmName.SHA512, 32);
        return right && hash is not null;
    }

    private bool Fits(string hash, string password)
    {
        try
        {
            return _hasher.VerifyHashedPassword(s_nobody, hash, password) != PasswordVerificationResult.Failed;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private string Decoy()
    {
        lock (_lock) return _decoy ??= Hash(Guid.NewGuid().ToString());
    }

    private int See(ref int most, int value)
    {
        lock (_lock) return most = Math.Max(most, value);
    }
}
