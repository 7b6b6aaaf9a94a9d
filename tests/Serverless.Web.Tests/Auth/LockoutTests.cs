using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Whoever sends wrong credentials keeps nobody out who has the right ones.</summary>
public abstract class LockoutTests(IStorageKind storage) : AuthTest(storage)
{
    private const string TokenUser = "00000000-0000-0000-0000-000000000000";

    // Behind one proxy, so that a test can be sent from anywhere.
    protected override string[] Settings =>
        ["Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Failures:PerAccount=3", "Auth:Failures:PerAddress=6", "Auth:Failures:PerAccountAnywhere=12", "Auth:Proxies=1"];

    [Fact]
    public async Task A_robot_is_let_in_whatever_was_sent_under_its_name_and_from_its_address()
    {
        var password = RobotPassword.New(0);
        await Accounts.AddAsync(new Account { Name = AccountName.Parse("ci"), IsRobot = true, PasswordHashes = [RobotPassword.Hash(password), null] }, default);
        for (var i = 0; i < 20; i++)
        {
            await ExpectAsync(FromAsync("10.0.0.1", "ci", RobotPassword.New(i % 2)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            (await FromAsync("10.0.0.1", "ci", "wrong")).Dispose();
        }

        await ExpectAsync(FromAsync("10.0.0.1", "ci", "wrong"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(FromAsync("10.0.0.1", "ci", password), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Bad_tokens_count_for_nothing_and_good_ones_are_taken_from_an_address_that_is_refused()
    {
        await AddUserAsync("alice", "team/*:pull");
        using var first = await ExpectAsync(Registry.SendAsync("GET", "/token?offline_token=true", headers: [Basic("alice", Password), ("X-Forwarded-For", "10.0.0.9")]), HttpStatusCode.OK);
        var refresh = await PropertyAsync(first, "refresh_token");
        foreach (var bad in (string[])[refresh + "x", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"])
        {
            for (var i = 0; i < 10; i++) await ExpectAsync(FromAsync("10.0.0.1", TokenUser, bad), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }

        await ExpectAsync(FromAsync("10.0.0.1", "nobody", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        for (var i = 0; i < 5; i++) await ExpectAsync(FromAsync("10.0.0.1", "nobody" + i, "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(FromAsync("10.0.0.1", "nobody", "wrong"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(FromAsync("10.0.0.1", TokenUser, refresh), HttpStatusCode.OK);
        await ExpectAsync(FromAsync("10.0.0.1", TokenUser, refresh + "x"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Wrong_passwords_from_one_address_do_not_keep_the_right_one_out_from_another()
    {
        await AddUserAsync("alice", "team/*:pull");
        for (var i = 0; i < 3; i++) await ExpectAsync(FromAsync("10.0.0.1", "alice", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(FromAsync("10.0.0.1", "alice", Password), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(FromAsync("10.0.0.2", "alice", Password), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Guesses_from_everywhere_have_a_limit_of_their_own_which_does_not_hold_for_the_password_that_was_right_last()
    {
        await AddUserAsync("alice", "team/*:pull");
        await AddUserAsync("bob", "team/*:pull");
        await ExpectAsync(FromAsync("10.0.0.200", "alice", Password), HttpStatusCode.OK);
        foreach (var user in (string[])["alice", "bob"])
        {
            for (var i = 0; i < 12; i++) await ExpectAsync(FromAsync($"10.0.0.{i}", user, "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            await ExpectAsync(FromAsync("10.0.0.100", user, "wrong"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        }

        await ExpectAsync(FromAsync("10.0.0.100", "bob", Password), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(FromAsync("10.0.0.100", "alice", Password), HttpStatusCode.OK);
        // But not when it is not the password any more.
        await Accounts.ChangeAsync(AccountName.Parse("alice"), a => a with { PasswordHashes = [PasswordHashes.Hash("another"), null] }, default);
        await ExpectAsync(FromAsync("10.0.0.100", "alice", Password), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
    }

    [Fact]
    public async Task Of_guesses_that_are_sent_at_once_no_more_are_checked_than_may_fail()
    {
        await AddUserAsync("alice", "team/*:pull");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FromAsync("10.0.0.1", "alice", "wrong")));
        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.Unauthorized));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Unauthorized || Header(a, "Retry-After").Length > 0));
    }

    private Task<HttpResponseMessage> FromAsync(string address, string user, string password) =>
        Registry.SendAsync("GET", "/token?service=test-registry", headers: [Basic(user, password), ("X-Forwarded-For", address)]);
}

public sealed class LockoutTestsInMemory(InMemoryStorage storage) : LockoutTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class LockoutTestsOnAzurite(AzuriteStorage storage) : LockoutTests(storage);
