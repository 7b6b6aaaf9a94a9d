using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Guessing is slow.</summary>
public abstract class BruteForceTests(IStorageKind storage) : AuthTest(storage)
{
    protected override string[] Settings => ["Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Failures:PerAccount=5", "Auth:Failures:PerAddress=8", "Auth:Failures:PerAccountAnywhere=12"];

    [Fact]
    public async Task Whoever_has_used_up_the_failures_of_an_account_is_refused_with_the_right_password_too_and_for_long()
    {
        await AddUserAsync("alice", "team/*:pull");
        await AddUserAsync("bob", "team/*:pull");
        for (var i = 0; i < 5; i++) await ExpectAsync(GetTokenAsync("alice", "", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        for (var i = 0; i < 10; i++)
        {
            foreach (var password in (string[])["wrong", Password])
            {
                using var refused = await ExpectAsync(GetTokenAsync("alice", "", password), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
                Assert.Equal("60", Header(refused, "Retry-After"));
            }

            // Nothing comes back by halves.
            Time.Advance(TimeSpan.FromSeconds(5.9));
        }

        await ExpectAsync(GetTokenAsync("bob", ""), HttpStatusCode.OK);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ExpectAsync(GetTokenAsync("alice", ""), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoever_has_used_up_the_failures_of_an_address_is_refused_for_all_accounts_known_or_not()
    {
        await AddUserAsync("alice", "team/*:pull");
        for (var i = 0; i < 8; i++) await ExpectAsync(GetTokenAsync("nobody" + i, "", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        foreach (var user in (string[])["alice", "nobody"]) await ExpectAsync(GetTokenAsync(user, ""), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(GetTokenAsync(null, ""), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Right_passwords_use_nothing_up()
    {
        await AddUserAsync("alice", "team/*:pull");
        for (var i = 0; i < 20; i++) await ExpectAsync(GetTokenAsync("alice", ""), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Unknown_names_use_up_as_known_ones_do()
    {
        for (var i = 0; i < 5; i++) await ExpectAsync(GetTokenAsync("nobody", "", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(GetTokenAsync("nobody", "", "wrong"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
    }
}

public sealed class BruteForceTestsInMemory(InMemoryStorage storage) : BruteForceTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class BruteForceTestsOnAzurite(AzuriteStorage storage) : BruteForceTests(storage);
