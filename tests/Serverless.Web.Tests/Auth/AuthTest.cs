using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>A test of a registry with accounts, signed in to as clients do.</summary>
public abstract class AuthTest(IStorageKind storage) : RegistryTest(storage)
{
    protected const string Password = "correct horse";

    protected override string[] Settings => ["Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Failures:PerAccount=1000", "Auth:Failures:PerAddress=1000"];

    protected AccountStore Accounts => new(Registry.Stores.Tables, Time);

    protected ScopeMapStore ScopeMaps => new(Registry.Stores.Tables, new Dictionary<string, AccessRights>());

    /// <summary>Makes a user with a scope map of the same name.</summary>
    protected async Task AddUserAsync(string name, params string[] rights)
    {
        await ScopeMaps.SetAsync(name, Rights(rights), default);
        Assert.True(await Accounts.AddAsync(new Account { Name = AccountName.Parse(name), PasswordHashes = [PasswordHashes.Hash(Password), null], Scopes = [name] }, default));
    }

    protected static AccessRights Rights(params string[] rights) => new(rights.Select(r => AccessRule.Parse(r)));

    protected Task<HttpResponseMessage> GetTokenAsync(string? user, string query, string password = Password) =>
        Registry.SendAsync("GET", "/token?service=test-registry&" + query, headers: user is null ? [] : [Basic(user, password)]);

    protected Task<HttpResponseMessage> PostTokenAsync(params (string Name, string Value)[] form) => PostAsync("/token", form);

    protected async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await Registry.SendAsync("POST", path, await content.ReadAsByteArrayAsync(), "application/x-www-form-urlencoded");
    }

    /// <summary>Signs in and returns the access token.</summary>
    protected async Task<string> SignInAsync(string? user, params string[] scopes)
    {
        using var answer = await ExpectAsync(GetTokenAsync(user, string.Join('&', scopes.Select(s => "scope=" + s))), HttpStatusCode.OK);
        return await PropertyAsync(answer, "token");
    }

    protected static async Task<string> PropertyAsync(HttpResponseMessage answer, string name)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty(name).ToString();
    }

    /// <summary>What a token gives, as <c>type:name:actions</c>.</summary>
    protected static IReadOnlyList<string> Access(string token)
    {
        var payload = token.Split('.')[1];
        using var json = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(payload));
        return [.. json.RootElement.GetProperty("access").EnumerateArray().Select(e =>
            $"{e.GetProperty("type")}:{e.GetProperty("name")}:{string.Join(',', e.GetProperty("actions").EnumerateArray())}")];
    }

    protected static (string Name, string Value) Basic(string user, string password) =>
        ("Authorization", new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))).ToString());

    protected static (string Name, string Value) Bearer(string token) => ("Authorization", "Bearer " + token);
}
