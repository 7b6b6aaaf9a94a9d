using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Passwords of robots: 256 random bits, which nobody can guess, so that one hash is enough and no key is stretched. They have a form of their own, which alone tells how a
/// password is checked: the time that it takes tells nothing of the name. They say which of the robot's two they are, so that only one hash is ever compared.
/// </summary>
public static partial class RobotPassword
{
    private const string HashPrefix = "sha256:";

    /// <summary>A new password of 256 random bits.</summary>
    /// <param name="slot">Which of the robot's two it is, 0 or 1.</param>
    public static string New(int slot) => $"sr{slot}_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a password has the form of a robot's.</summary>
    public static bool IsOne(string password) => Grammar().IsMatch(password);

    /// <summary>The hash of a robot's password to be kept.</summary>
    public static string Hash(string password) => HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));

    /// <summary>The slot of a robot's password, by its form.</summary>
    public static int SlotOf(string password) => password[2] - '0';

    /// <summary>Whether a password, which has the form of a robot's, is that robot's.</summary>
    public static bool Fits(Account account, string password) =>
        account.IsRobot && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Hash(password)), Encoding.UTF8.GetBytes(account.PasswordHashes[SlotOf(password)] ?? ""));

    [GeneratedRegex(@"\Asr[01]_[A-Za-z0-9_-]{43}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
