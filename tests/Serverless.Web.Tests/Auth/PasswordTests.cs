using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Right and wrong passwords, and what an answer tells of them.</summary>
public abstract class PasswordTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task A_hash_of_an_htpasswd_file_is_replaced_when_its_password_is_seen()
    {
        var name = AccountName.Parse("old");
        var hash = BCrypt.Net.BCrypt.HashPassword(Password, 4).Replace("$2a$", "$2y$", StringComparison.Ordinal);
        await Accounts.AddAsync(new Account { Name = name, PasswordHashes = [hash, null] }, default);
        await ExpectAsync(GetTokenAsync("old", "", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal(hash, (await Accounts.FindAsync(name, default))!.PasswordHashes[0]);
        using var first = await ExpectAsync(GetTokenAsync("old", "offline_token=true"), HttpStatusCode.OK);
        var replaced = (await Accounts.FindAsync(name, default))!.PasswordHashes[0]!;
        Assert.False(PasswordHashes.IsBcrypt(replaced));
        await ExpectAsync(GetTokenAsync("old", ""), HttpStatusCode.OK);
        await ExpectAsync(GetTokenAsync("old", "", "wrong"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        // The password is the same, so what it gave holds on.
        Time.Advance(TimeSpan.FromSeconds(1));
        await ExpectAsync(PostTokenAsync(("grant_type", "refresh_token"), ("refresh_token", await PropertyAsync(first, "refresh_token"))), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_password_beyond_what_bcrypt_reads_does_not_pass_for_its_beginning()
    {
        var beginning = new string('p', 72);
        var hash = BCrypt.Net.BCrypt.HashPassword(beginning, 4);
        await Accounts.AddAsync(new Account { Name = AccountName.Parse("old"), PasswordHashes = [hash, null] }, default);
        await ExpectAsync(GetTokenAsync("old", "", beginning + "q"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(GetTokenAsync("old", "", beginning), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_name_and_a_locked_account_are_answered_alike()
    {
        await AddUserAsync("alice", "team/*:pull");
        await AddUserAsync("locked", "team/*:pull");
        await Accounts.ChangeAsync(AccountName.Parse("locked"), a => a with { Disabled = true }, default);
        await Accounts.AddAsync(new Account { Name = AccountName.Parse("robot"), IsRobot = true, PasswordHashes = [RobotPassword.Hash(RobotPassword.New(0)), null], Expires = Time.GetUtcNow() }, default);
        var answers = new HashSet<string>();
        foreach (var (user, password) in ((string, string)[])
            [("alice", "wrong"), ("nobody", "wrong"), ("locked", "wrong"), ("locked", Password), ("robot", "wrong"), ("robot", RobotPassword.New(1)), ("alice", RobotPassword.New(0)), ("nobody", RobotPassword.New(0)), ("no/name", Password), ("", Password), ("alice", ""), ("ALICE", Password), ("alice", new string('p', 5000))])
        {
            foreach (var answer in (HttpResponseMessage[])[await GetTokenAsync(user, "", password), await PostTokenAsync(("grant_type", "password"), ("username", user), ("password", password))])
            {
                var headers = answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Date" or "X-Request-ID")).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}");
                answers.Add($"{answer.StatusCode}\n{string.Join('\n', headers)}\n{await answer.Content.ReadAsStringAsync()}");
                answer.Dispose();
            }
        }

        var one = Assert.Single(answers);
        Assert.StartsWith("Unauthorized\n", one, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate: Basic realm=\"token\"", one, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_weaker_hash_is_replaced_when_its_password_is_seen()
    {
        var name = AccountName.Parse("old");
        var weaker = new PasswordWork(10).Hash(Password);
        await Accounts.AddAsync(new Account { Name = name, PasswordHashes = [weaker, null] }, default);
        await ExpectAsync(GetTokenAsync("old", "", "wrong"), HttpStatusCode.Unauthorized);
        Assert.Equal(weaker, (await Accounts.FindAsync(name, default))!.PasswordHashes[0]);
        await ExpectAsync(GetTokenAsync("old", ""), HttpStatusCode.OK);
        var replaced = (await Accounts.FindAsync(name, default))!.PasswordHashes[0]!;
        Assert.False(PasswordHashes.IsWeak(replaced));
        await ExpectAsync(GetTokenAsync("old", ""), HttpStatusCode.OK);
        Assert.Equal(replaced, (await Accounts.FindAsync(name, default))!.PasswordHashes[0]);
    }

    [Fact]
    public async Task A_password_that_is_too_long_is_refused_before_anything_is_looked_up()
    {
        await AddUserAsync("alice", "team/*:pull");
        foreach (var user in (string[])["alice", "nobody"])
        {
            Registry.Probe.Reset();
            await ExpectAsync(GetTokenAsync(user, "", new string('p', 257)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            Assert.Equal((0, 0), Registry.Probe.Counts);
        }
    }

    [Fact]
    public async Task An_unknown_name_costs_storage_as_much_as_a_known_one()
    {
        await AddUserAsync("alice", "team/*:pull");
        foreach (var user in (string[])["alice", "nobody"])
        {
            Registry.Probe.Reset();
            await ExpectAsync(GetTokenAsync(user, "", "wrong"), HttpStatusCode.Unauthorized);
            Assert.Equal((1, 0), Registry.Probe.Counts);
        }
    }
}

public sealed class PasswordTestsInMemory(InMemoryStorage storage) : PasswordTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class PasswordTestsOnAzurite(AzuriteStorage storage) : PasswordTests(storage);
