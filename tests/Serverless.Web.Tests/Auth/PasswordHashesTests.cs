using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public sealed class PasswordHashesTests
{
    [Fact]
    public void A_hash_fits_its_password_and_no_other()
    {
        var hash = PasswordHashes.Hash("pässword");
        Assert.NotEqual(hash, PasswordHashes.Hash("pässword"));
        Assert.DoesNotContain("pässword", hash, StringComparison.Ordinal);
        Assert.True(PasswordHashes.Verify(hash, "pässword"));
        foreach (var other in (string[])["", "passwort", "pässword ", "Pässword", hash]) Assert.False(PasswordHashes.Verify(hash, other));
    }

    [Fact]
    public void Nothing_fits_where_there_is_no_hash()
    {
        Assert.False(PasswordHashes.Verify(null, ""));
        Assert.False(PasswordHashes.Verify(null, "decoy"));
    }

    [Fact]
    public void A_password_has_256_bytes_at_most()
    {
        var (longest, longer) = (new string('ä', 128), new string('ä', 128) + "b");
        Assert.True(PasswordHashes.Verify(PasswordHashes.Hash(longest), longest));
        Assert.False(PasswordHashes.Verify(PasswordHashes.Hash(longer), longer));
    }

    [Theory]
    [InlineData("2a")]
    [InlineData("2b")]
    [InlineData("2y")]
    public void Hashes_of_htpasswd_fit_up_to_72_bytes(string version)
    {
        var longest = new string('ä', 36);
        var hash = BCrypt.Net.BCrypt.HashPassword(longest, 4).Replace("$2a$", $"${version}$", StringComparison.Ordinal);
        Assert.True(PasswordHashes.IsBcrypt(hash));
        Assert.True(PasswordHashes.Verify(hash, longest));
        Assert.True(PasswordHashes.Work.VerifyBcrypt(hash, longest, 4));
        Assert.False(PasswordHashes.Verify(hash, longest + "x"));
        Assert.False(PasswordHashes.Work.VerifyBcrypt(hash, longest + "x", 4));
        Assert.False(PasswordHashes.Verify(hash, longest[1..]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=")]
    [InlineData("$apr1$x$Q1ezE4kNx2aFf9Jm0W1v1/")]
    [InlineData("$2y$18$01234567890123456789012345678901234567890123456789012")]
    [InlineData("$2x$04$0123456789012345678901234567890123456789012345678901234")]
    public void Other_kinds_of_hashes_are_not_of_bcrypt(string hash) => Assert.False(PasswordHashes.IsBcrypt(hash));

    [Fact]
    public void A_password_of_a_robot_says_which_of_two_it_is_and_is_never_the_same()
    {
        var (first, second) = (RobotPassword.New(0), RobotPassword.New(1));
        var account = new Account { Name = AccountName.Parse("robot"), IsRobot = true, PasswordHashes = [RobotPassword.Hash(first), RobotPassword.Hash(second)] };
        Assert.True(RobotPassword.Fits(account, first) && RobotPassword.Fits(account, second));
        Assert.False(RobotPassword.Fits(account, RobotPassword.New(0)));
        Assert.False(RobotPassword.Fits(account with { PasswordHashes = [RobotPassword.Hash(second), null] }, second));
        Assert.False(RobotPassword.Fits(account with { IsRobot = false }, first));
        Assert.True(RobotPassword.IsOne(first) && RobotPassword.IsOne(second));
        Assert.All((string[])["", "sr0_", "sr2_" + first[4..], first + "\n", first + "x", first[..^1]], p => Assert.False(RobotPassword.IsOne(p)));
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => RobotPassword.New(0)).Distinct().Count());
        // 256 bits, and no character that a shell or a URL would take for something else.
        Assert.Matches("^sr0_[A-Za-z0-9_-]{43}$", RobotPassword.New(0));
    }
}
