using System.Buffers.Text;
using System.Security.Cryptography;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Passwords;

/// <summary>Passwords of robots, which are made for them. They say which of the robot's two they are, so that only one hash is ever compared.</summary>
public static class RobotPassword
{
    private const string SecondPrefix = "sr1_";
    private const string FirstPrefix = "sr0_";

    /// <summary>A new password of 256 random bits.</summary>
    public static string New(int slot) => (slot == 0 ? FirstPrefix : SecondPrefix) + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The hash that a password is to be compared with; null when the account has none there.</summary>
    public static string? HashFor(Account account, string password) => account.PasswordHashes[SlotOf(account, password)];

    /// <summary>The slot of a password, by its form.</summary>
    public static int SlotOf(Account account, string password) => account.IsRobot && password.StartsWith(SecondPrefix, StringComparison.Ordinal) ? 1 : 0;
}
