using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;

namespace Serverless.Web.Auth.Passwords;

/// <summary>Hashes of passwords: ASP.NET Core Identity's (PBKDF2) for those that are set here, bcrypt for those that were brought from an htpasswd file.</summary>
public static partial class PasswordHashes
{
    /// <summary>The longest password that can be set, in bytes of UTF-8.</summary>
    public const int MaxLength = 256;

    // bcrypt looks at no more; a longer password would be as good as its beginning.
    private const int MaxBcryptLength = 72;

    private static readonly PasswordHasher<object> s_hasher = new();
    private static readonly object s_nobody = new();
    private static readonly string s_decoy = s_hasher.HashPassword(s_nobody, Guid.NewGuid().ToString());

    /// <summary>The hash of a password to be kept.</summary>
    public static string Hash(string password) => s_hasher.HashPassword(s_nobody, password);

    /// <summary>Whether a hash is of the bcrypt kind that htpasswd makes.</summary>
    public static bool IsBcrypt(string hash) => Bcrypt().IsMatch(hash);

    /// <summary>
    /// Whether the password is right. It takes a full hash of the kind that <see cref="Hash"/> makes in every case, also when there is no hash to compare
    /// with: whoever guesses learns nothing from the time.
    /// </summary>
    /// <param name="hash">The hash; null when there is no such account.</param>
    /// <param name="password">The password.</param>
    public static bool Verify(string? hash, string password)
    {
        var ours = hash is null || IsBcrypt(hash) ? s_decoy : hash;
        var right = Encoding.UTF8.GetByteCount(password) <= MaxLength && Fits(ours, password);
        return hash is not null && (IsBcrypt(hash) ? VerifyBcrypt(hash, password) : right);
    }

    /// <summary>As <see cref="Verify"/>, where every hash is known to be of bcrypt.</summary>
    public static bool VerifyBcrypt(string hash, string password)
    {
        var fits = Encoding.UTF8.GetByteCount(password) <= MaxBcryptLength;
        // The same work for a password that cannot be right.
        return BCrypt.Net.BCrypt.Verify(fits ? password : "", hash) && fits;
    }

    // What only looks like a hash fits no password.
    private static bool Fits(string hash, string password)
    {
        try
        {
            return s_hasher.VerifyHashedPassword(s_nobody, hash, password) != PasswordVerificationResult.Failed;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bcrypt();
}
