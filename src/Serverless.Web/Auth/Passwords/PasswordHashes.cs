using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Web.Auth.Passwords;

/// <summary>Hashes of passwords: ASP.NET Core Identity's (PBKDF2) for those that are set here, bcrypt for those that were brought from an htpasswd file.</summary>
public static partial class PasswordHashes
{
    /// <summary>The longest password that can be set, in bytes of UTF-8.</summary>
    public const int MaxLength = 256;

    /// <summary>The shortest password that can be set, in characters. Those that were brought along may be shorter.</summary>
    public const int MinLength = 8;

    /// <summary>The rounds of PBKDF2-HMAC-SHA512 that a hash takes (OWASP Password Storage Cheat Sheet, 2023: at least 210,000).</summary>
    internal const int Rounds = 210_000;

    // bcrypt looks at no more; a longer password would be as good as its beginning.
    private const int MaxBcryptLength = 72;

    /// <summary>What makes and checks them. Tests put one of few rounds in its place.</summary>
    internal static PasswordWork Work { get; set; } = new(Rounds);

    /// <summary>The hash of a password to be kept.</summary>
    public static string Hash(string password) => Work.Hash(password);

    /// <summary>Whether a hash is of the bcrypt kind that htpasswd makes, of a cost from 4 to 17, which is htpasswd's own limit: everybody waits as long as the dearest hash takes.</summary>
    public static bool IsBcrypt(string hash) => Bcrypt().IsMatch(hash);

    /// <summary>Whether a hash is to be replaced by one of the kind that <see cref="Hash"/> makes when its password is next seen.</summary>
    public static bool IsWeak(string hash) => !Work.IsStrong(hash);

    /// <summary>Whether a password is longer than any that could have been set. It is refused before anything is looked up, for every name alike.</summary>
    public static bool IsTooLong(string password) => Encoding.UTF8.GetByteCount(password) > MaxLength;

    /// <summary>Why a password cannot be set, in a sentence without it; null when it can.</summary>
    public static string? FindProblem(string password)
    {
        if (password.Length == 0) return "The password is empty.";
        // It would be taken for a robot's, and never fit.
        if (RobotPassword.IsOne(password)) return "The password has the form of a robot's.";
        if (password.EnumerateRunes().Count() < MinLength) return $"The password has fewer than {MinLength} characters.";
        return IsTooLong(password) ? $"The password is longer than {MaxLength} bytes." : null;
    }

    /// <summary>As <see cref="IsTooLong"/>, where every hash is known to be of bcrypt.</summary>
    public static bool IsTooLongForBcrypt(string password) => Encoding.UTF8.GetByteCount(password) > MaxBcryptLength;

    /// <summary>
    /// Whether the password is right. It takes the same work in every case, also when there is no hash to compare with: whoever guesses learns nothing from the time.
    /// </summary>
    /// <param name="hash">The hash; null when there is no such account.</param>
    /// <param name="password">The password.</param>
    public static bool Verify(string? hash, string password) => !IsTooLong(password) && Work.Verify(hash, password);

    [GeneratedRegex(@"\A\$2[aby]\$(0[4-9]|1[0-7])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bcrypt();
}
