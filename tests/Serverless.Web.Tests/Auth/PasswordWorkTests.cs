using System.Buffers.Binary;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>How much work a check of a password is, counted in rounds: a clock would tell of the machine.</summary>
public sealed class PasswordWorkTests
{
    private const int Rounds = 500;

    private readonly PasswordWork _work = new(Rounds);

    [Fact]
    public void A_check_is_the_same_work_whoever_it_is_for()
    {
        var dear = Bcrypt(8);
        Assert.Equal((Rounds, 0), Count(null));
        // From the first one that is seen, everybody waits as long.
        Assert.Equal((Rounds, 1 << 8), Count(dear));
        var weaker = new PasswordWork(Rounds / 2).Hash("right");
        foreach (var hash in (string?[])[null, dear, Bcrypt(4), Bcrypt(6), _work.Hash("right"), weaker, "", "no hash", "$2y$99$" + new string('a', 53)])
        {
            Assert.Equal((Rounds, 1 << 8), Count(hash));
        }

        // One of more rounds, too, from a release to come.
        var stronger = new PasswordWork(3 * Rounds).Hash("right");
        foreach (var hash in (string?[])[stronger, null, dear, weaker]) Assert.Equal((3 * Rounds, 1 << 8), Count(hash));
    }

    [Fact]
    public void Every_kind_of_hash_fits_its_password_alone()
    {
        foreach (var hash in (string[])[_work.Hash("right"), new PasswordWork(100).Hash("right"), new PasswordWork(2000).Hash("right"), Bcrypt(4), Bcrypt(6)])
        {
            Assert.True(_work.Verify(hash, "right"));
            Assert.False(_work.Verify(hash, "wrong"));
            Assert.False(_work.Verify(hash, ""));
        }
    }

    [Fact]
    public void A_user_of_an_htpasswd_file_takes_as_long_as_the_dearest_of_it()
    {
        foreach (var hash in (string?[])[null, Bcrypt(4), Bcrypt(7), Bcrypt(9)])
        {
            var (_, before) = _work.Done;
            _work.VerifyBcrypt(hash, "wrong", dearest: 9);
            Assert.Equal(1 << 9, _work.Done.Bcrypt - before);
        }
    }

    [Fact]
    public void A_hash_takes_210000_rounds_of_SHA_512_and_a_weaker_one_is_to_be_replaced()
    {
        var work = new PasswordWork(PasswordHashes.Rounds);
        var hash = Convert.FromBase64String(work.Hash("right"));
        Assert.Equal((1, 2U, 210_000U), (hash[0], BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(1)), BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5))));
        Assert.True(_work.IsStrong(_work.Hash("x")));
        Assert.True(_work.IsStrong(new PasswordWork(Rounds + 1).Hash("x")));
        var ofVersion2 = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { CompatibilityMode = PasswordHasherCompatibilityMode.IdentityV2 })).HashPassword(this, "x");
        foreach (var weak in (string[])[new PasswordWork(Rounds - 1).Hash("x"), Bcrypt(10), ofVersion2, ""]) Assert.False(_work.IsStrong(weak));
    }

    private (long Pbkdf2, long Bcrypt) Count(string? hash)
    {
        var before = _work.Done;
        _work.Verify(hash, "wrong");
        return (_work.Done.Pbkdf2 - before.Pbkdf2, _work.Done.Bcrypt - before.Bcrypt);
    }

    private static string Bcrypt(int cost) => BCrypt.Net.BCrypt.HashPassword("right", cost);
}
