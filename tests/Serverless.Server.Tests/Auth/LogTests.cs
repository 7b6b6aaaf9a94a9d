using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Serverless.AzureStorage;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Server.Tests.Auth;

/// <summary>What the executable prints about signing in, at the level that prints most.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class LogTests(AzuriteServer storage)
{
    [Fact]
    public async Task Secrets_are_not_logged_and_what_anybody_sends_stays_in_its_line()
    {
        var port = RegistryProcess.FreePort();
        using var client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        var (user, password, wrong) = ("user" + RandomNumberGenerator.GetHexString(8, true), "pass" + RandomNumberGenerator.GetHexString(16), "wrong" + RandomNumberGenerator.GetHexString(16));
        var hash = PasswordHashes.Hash(password);
        var (tables, _) = AzureStores.Create(new() { ConnectionString = storage.ConnectionString }, TimeProvider.System);
        await new ScopeMapStore(tables, new Dictionary<string, AccessRights>()).SetAsync(user, new([AccessRule.Parse("logged/*:pull")]), default);
        Assert.True(await new AccountStore(tables, TimeProvider.System).AddAsync(new Account { Name = AccountName.Parse(user), PasswordHashes = [hash, null], Scopes = [user] }, default));
        await using var registry = RegistryProcess.Start(
            ["--urls", client.BaseAddress.ToString(), "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace"],
            ("Registry__Storage__ConnectionString", storage.ConnectionString), ("Registry__Auth__Mode", "token"));
        await registry.WaitUntilReadyAsync(client);

        var (status, body) = await SendAsync("/token?offline_token=true&scope=repository:logged/app:pull", Basic(user, password));
        Assert.Equal(HttpStatusCode.OK, status);
        using var answer = System.Text.Json.JsonDocument.Parse(body);
        var (token, refresh) = (answer.RootElement.GetProperty("token").GetString()!, answer.RootElement.GetProperty("refresh_token").GetString()!);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("/v2/logged/app/manifests/v1", "Bearer " + token)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/v2/", "Bearer " + token[..^9] + "AAAAAAAAA")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/token", Basic("00000000-0000-0000-0000-000000000000", refresh))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/token", Basic("00000000-0000-0000-0000-000000000000", refresh + "x"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/token", Basic(user, wrong))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/token", Basic("first\r\nSECOND\nTHIRD\u2028FOURTH\u0085FIFTH", wrong))).Status);
        using var form = new FormUrlEncodedContent([new("grant_type", "password"), new("username", user), new("password", password)]);
        using var posted = await client.PostAsync(new Uri("/token", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Equal(0, await registry.TerminateAsync());

        var log = registry.Output;
        foreach (var secret in (string[])[password, wrong, hash, token, token.Split('.')[2], refresh, Basic(user, password)[6..], Basic(user, wrong)[6..], "PRIVATE KEY", "Authorization"])
        {
            Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase);
        }

        var lines = log.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Single(lines, line => line.Contains("first??SECOND?THIRD?FOURTH?FIFTH", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("SECOND", StringComparison.Ordinal) || line.StartsWith("THIRD", StringComparison.Ordinal));
        // What happened is told: who, how, what, from where.
        Assert.Contains(lines, line => line.Contains($"Signed in: {user} (password) was granted 'repository:logged/app:pull' from 127.0.0.1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains($"Allowed: {user} (token) repository:logged/app:pull by GET from 127.0.0.1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("Refused:  (bad credentials)  by GET from 127.0.0.1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains($"Sign-in failed: {user} (password) from 127.0.0.1", StringComparison.Ordinal));

        async Task<(HttpStatusCode Status, string Body)> SendAsync(string path, string authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
}
