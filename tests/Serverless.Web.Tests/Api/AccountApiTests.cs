using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>Accounts and scope maps over the API, for who has <c>registry:admin:*</c>, and what is noted of it.</summary>
public sealed class AccountApiTests(InMemoryStorage storage) : RepositoryApiTest(storage), IClassFixture<InMemoryStorage>
{
    private const string Admin = "ann registry:admin:*";
    private const string Password = "a long password";

    private protected override string[] Settings => ["Auth:Mode=token", "Auth:Scopes:fixed:0=team/*:pull"];

    private AccountStore Accounts => Registry.Services.GetRequiredService<AccountStore>();

    [Fact]
    public async Task A_user_is_made_changed_and_deleted()
    {
        var made = await AskAsync("POST", "accounts", HttpStatusCode.Created, $$"""{"name":"bob","password":"{{Password}}","scopeMaps":["team"]}""");
        Assert.Equal(("bob", "user", "active", 1), (made.GetProperty("name").GetString(), made.GetProperty("kind").GetString(), made.GetProperty("state").GetString(), made.GetProperty("passwords").GetInt32()));
        Assert.False(made.TryGetProperty("password", out _));
        Assert.True(PasswordHashes.Verify((await FindAsync("bob"))!.PasswordHashes[0], Password));
        var changed = await AskAsync("PATCH", "accounts/bob", HttpStatusCode.OK, """{"disabled":true,"scopeMaps":["team","more"]}""");
        Assert.Equal("disabled", changed.GetProperty("state").GetString());
        Assert.Equal(["team", "more"], Texts(changed.GetProperty("scopeMaps")));
        await AskAsync("PATCH", "accounts/bob", HttpStatusCode.OK, """{"disabled":false,"password":"another password"}""");
        Assert.True(PasswordHashes.Verify((await FindAsync("bob"))!.PasswordHashes[0], "another password"));
        await AssertDoneAsync(SendAsync("DELETE", "accounts/bob", Admin));
        Assert.Null(await FindAsync("bob"));
        await AssertRefusedAsync(SendAsync("GET", "accounts/bob", Admin), HttpStatusCode.NotFound, "ACCOUNT_UNKNOWN");
    }

    [Fact]
    public async Task A_robot_gets_its_passwords_once()
    {
        var made = await AskAsync("POST", "accounts", HttpStatusCode.Created, """{"name":"ci","kind":"robot","expiresAt":"2099-01-01T00:00:00Z"}""");
        var first = made.GetProperty("password").GetString()!;
        Assert.True(RobotPassword.Fits((await FindAsync("ci"))!, first));
        Assert.DoesNotContain("password\"", (await AskAsync("GET", "accounts/ci", HttpStatusCode.OK)).ToString(), StringComparison.Ordinal);
        var second = (await AskAsync("POST", "accounts/ci/password", HttpStatusCode.OK)).GetProperty("password").GetString()!;
        Assert.True(RobotPassword.Fits((await FindAsync("ci"))!, first) && RobotPassword.Fits((await FindAsync("ci"))!, second));
        await AskAsync("POST", "accounts/ci/password", HttpStatusCode.OK);
        Assert.False(RobotPassword.Fits((await FindAsync("ci"))!, first));
        Assert.True(RobotPassword.Fits((await FindAsync("ci"))!, second));
    }

    [Theory]
    [InlineData("POST", "accounts", """{"name":"bob","password":"short"}""")]
    [InlineData("POST", "accounts", """{"name":"bob"}""")]
    [InlineData("POST", "accounts", """{"name":"-bob","password":"a long password"}""")]
    [InlineData("POST", "accounts", """{"name":"bob","kind":"cat","password":"a long password"}""")]
    [InlineData("POST", "accounts", """{"name":"bob","kind":"robot","password":"a long password"}""")]
    [InlineData("POST", "accounts", """{"name":"ci","kind":"robot","expiresAt":"2001-01-01T00:00:00Z"}""")]
    [InlineData("POST", "accounts", """{"name":"bob","password":"a long password","scopeMaps":["a b"]}""")]
    [InlineData("POST", "accounts", """{"name":"bob","password":"a long password","admin":true}""")]
    [InlineData("PATCH", "accounts/zoe", "{}")]
    [InlineData("PATCH", "accounts/zoe", """{"password":"short"}""")]
    [InlineData("POST", "accounts/zoe/password", null)]
    [InlineData("PUT", "scope-maps/x", """{"rules":[]}""")]
    [InlineData("PUT", "scope-maps/x", """{"rules":["team/*"]}""")]
    [InlineData("PUT", "scope-maps/-", """{"rules":["team/*:pull"]}""")]
    [InlineData("GET", "accounts?cursor=-", null)]
    [InlineData("GET", "audit?cursor=-", null)]
    public async Task What_cannot_be_is_refused_and_neither_changed_nor_noted(string method, string path, string? body)
    {
        await Accounts.AddAsync(new Account { Name = AccountName.Parse("zoe"), PasswordHashes = [PasswordHashes.Hash(Password), null] }, default);
        var answer = await AskAsync(method, path, HttpStatusCode.BadRequest, body);
        Assert.Equal("REQUEST_INVALID", answer.GetProperty("code").GetString());
        Assert.DoesNotContain("a long password", answer.ToString(), StringComparison.Ordinal);
        Assert.Empty((await AskAsync("GET", "audit", HttpStatusCode.OK)).GetProperty("changes").EnumerateArray());
        Assert.Single((await AskAsync("GET", "accounts", HttpStatusCode.OK)).GetProperty("accounts").EnumerateArray());
    }

    [Fact]
    public async Task Nobody_locks_himself_out_and_names_are_taken_once()
    {
        await Accounts.AddAsync(new Account { Name = AccountName.Parse("ann") }, default);
        await AssertRefusedAsync(SendAsync("DELETE", "accounts/ann", Admin), HttpStatusCode.Conflict, "OWN_ACCOUNT");
        await AssertRefusedAsync(SendAsync("PATCH", "accounts/ann", Admin, """{"disabled":true}"""), HttpStatusCode.Conflict, "OWN_ACCOUNT");
        await AssertRefusedAsync(SendAsync("POST", "accounts", Admin, $$"""{"name":"ann","password":"{{Password}}"}"""), HttpStatusCode.Conflict, "ACCOUNT_EXISTS");
    }

    [Fact]
    public async Task Scope_maps_are_set_and_deleted_but_those_of_the_configuration()
    {
        var set = await AskAsync("PUT", "scope-maps/team", HttpStatusCode.OK, """{"rules":["team/*:pull,push","registry:catalog:*"]}""");
        Assert.Equal(["team/*:pull,push", "registry:catalog:*"], Texts(set.GetProperty("rules")));
        var all = (await AskAsync("GET", "scope-maps", HttpStatusCode.OK)).GetProperty("scopeMaps").EnumerateArray().Select(m => (m.GetProperty("name").GetString(), m.GetProperty("isConfigured").GetBoolean()));
        Assert.Equal([("fixed", true), ("team", false)], all);
        await AssertRefusedAsync(SendAsync("PUT", "scope-maps/fixed", Admin, """{"rules":["a:pull"]}"""), HttpStatusCode.Conflict, "SCOPE_MAP_CONFIGURED");
        await AssertRefusedAsync(SendAsync("DELETE", "scope-maps/fixed", Admin), HttpStatusCode.Conflict, "SCOPE_MAP_CONFIGURED");
        await AssertDoneAsync(SendAsync("DELETE", "scope-maps/team", Admin));
        await AssertRefusedAsync(SendAsync("DELETE", "scope-maps/team", Admin), HttpStatusCode.NotFound, "SCOPE_MAP_UNKNOWN");
    }

    [Fact]
    public async Task What_was_changed_is_noted_without_secrets()
    {
        await AskAsync("POST", "accounts", HttpStatusCode.Created, $$"""{"name":"bob","password":"{{Password}}","scopeMaps":["team"]}""");
        Time.Advance(TimeSpan.FromSeconds(1));
        await AskAsync("PATCH", "accounts/bob", HttpStatusCode.OK, """{"password":"another password"}""");
        Time.Advance(TimeSpan.FromSeconds(1));
        await AskAsync("PUT", "scope-maps/team", HttpStatusCode.OK, """{"rules":["team/*:pull"]}""");
        var first = await AskAsync("GET", "audit?n=2", HttpStatusCode.OK);
        var rest = await AskAsync("GET", $"audit?cursor={first.GetProperty("cursor").GetString()}", HttpStatusCode.OK);
        Assert.Equal(["scope-map.set", "account.change", "account.add"], Texts(first.GetProperty("changes"), "action").Concat(Texts(rest.GetProperty("changes"), "action")));
        Assert.Equal(["team/*:pull", "another password"], Texts(first.GetProperty("changes"), "detail"));
        Assert.Equal(["ann", "ann"], Texts(first.GetProperty("changes"), "by"));
        Assert.DoesNotContain(Password, rest.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "accounts")]
    [InlineData("POST", "accounts")]
    [InlineData("DELETE", "accounts/bob")]
    [InlineData("POST", "accounts/bob/password")]
    [InlineData("PUT", "scope-maps/team")]
    [InlineData("GET", "audit")]
    public async Task Nobody_else_may(string method, string path)
    {
        await AssertRefusedAsync(SendAsync(method, path, "eve *:pull,push,delete registry:catalog:*", method is "POST" or "PUT" ? "{}" : null), HttpStatusCode.Forbidden, "DENIED");
        await AssertRefusedAsync(SendAsync(method, path, "", method is "POST" or "PUT" ? "{}" : null), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Accounts_come_page_by_page()
    {
        foreach (var name in (string[])["c", "a", "b"]) await Accounts.AddAsync(new Account { Name = AccountName.Parse(name) }, default);
        var first = await AskAsync("GET", "accounts?n=2", HttpStatusCode.OK);
        Assert.Equal(["a", "b"], Texts(first.GetProperty("accounts"), "name"));
        Assert.Equal(["c"], Texts((await AskAsync("GET", $"accounts?n=2&cursor={first.GetProperty("cursor").GetString()}", HttpStatusCode.OK)).GetProperty("accounts"), "name"));
    }

    private Task<Account?> FindAsync(string name) => Accounts.FindAsync(AccountName.Parse(name), default);

    private Task<JsonElement> AskAsync(string method, string path, HttpStatusCode status, string? body = null) => ReadAsync(SendAsync(method, path, Admin, body), status);

    private new Task<HttpResponseMessage> SendAsync(string method, string path, string caller, string? body = null, params (string, string)[] headers) =>
        Registry.SendAsync(method, "/api/v1/" + path, body is null ? null : Encoding.UTF8.GetBytes(body), body is null ? null : "application/json", [(HeaderAuthenticator.Header, caller), .. headers]);
}
