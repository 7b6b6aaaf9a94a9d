using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>Who may import where, see an import and end it; what is wrong with a request; and what never comes out again.</summary>
public sealed class ImportAccessTests(InMemoryStorage storage) : ImportApiTest(storage), IClassFixture<InMemoryStorage>
{
    // Nobody answers there; the guard lets it be asked.
    private const string Nowhere = "http://127.0.0.1:1/app:v1";

    [Theory]
    [InlineData("")]
    [InlineData("bob team/*:pull")]
    [InlineData("bob team/*:push")]
    [InlineData("bob other/*:*")]
    [InlineData("bob registry:admin:* registry:catalog:*")]
    public async Task Nobody_imports_who_may_not_push_to_the_target(string caller)
    {
        await AssertRefusedAsync(AskAsync(Nowhere, "team/app", caller), caller.Length == 0 ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, caller.Length == 0 ? "UNAUTHORIZED" : "DENIED");
        Assert.Empty(await ImportsAsync("admin registry:admin:*", "?all"));
    }

    [Fact]
    public async Task An_import_is_seen_by_its_owner_by_those_who_pull_from_its_target_and_by_admins()
    {
        var id = await AskedAsync();
        foreach (var caller in (string[])["ann", Pusher, "bob team/app:pull", "root registry:admin:*"]) await ReadAsync(SendAsync("GET", $"/api/v1/imports/{id}", caller), HttpStatusCode.OK);
        foreach (var caller in (string[])["bob", "bob team/app:metadata", "bob other/*:* registry:catalog:*"])
        {
            await AssertRefusedAsync(SendAsync("GET", $"/api/v1/imports/{id}", caller), HttpStatusCode.NotFound, "IMPORT_UNKNOWN");
            await AssertRefusedAsync(SendAsync("DELETE", $"/api/v1/imports/{id}", caller), HttpStatusCode.NotFound, "IMPORT_UNKNOWN");
            Assert.Empty(await ImportsAsync(caller));
        }

        Assert.Equal([id], await ImportsAsync("ann"));
        Assert.Empty(await ImportsAsync("bob team/*:*"));
        Assert.Equal([id], await ImportsAsync("root registry:admin:*", "?all"));
        await AssertRefusedAsync(SendAsync("GET", "/api/v1/imports?all", Pusher), HttpStatusCode.Forbidden, "DENIED");
    }

    [Fact]
    public async Task An_import_is_ended_by_its_owner_by_those_who_push_to_its_target_and_by_admins()
    {
        foreach (var (caller, i) in ((string[])["ann", "bob team/app:pull,push", "root registry:admin:*"]).Select((c, i) => (c, i)))
        {
            var id = await AskedAsync($"team/app:v{i}");
            await AssertRefusedAsync(SendAsync("DELETE", $"/api/v1/imports/{id}", "bob team/app:pull"), HttpStatusCode.Forbidden, "DENIED");
            Assert.Equal("cancelled", (await ReadAsync(SendAsync("DELETE", $"/api/v1/imports/{id}", caller), HttpStatusCode.OK)).GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task What_has_ended_cannot_be_cancelled()
    {
        await PushAsync("app", "v1");
        var id = (await ReadAsync(AskAsync($"{Source}/app:v1", "team/app"), HttpStatusCode.Accepted)).GetProperty("id").GetString()!;
        await EndAsync(id);
        await AssertRefusedAsync(SendAsync("DELETE", $"/api/v1/imports/{id}", Pusher), HttpStatusCode.Conflict, "IMPORT_ENDED");
    }

    [Fact]
    public async Task The_same_request_is_the_same_import_and_another_one_to_the_same_target_waits_for_its_end()
    {
        var id = await AskedAsync();
        Assert.Equal(id, await AskedAsync());
        Assert.Equal(id, (await ReadAsync(AskAsync(Nowhere, "team/app", "bob team/*:*"), HttpStatusCode.Accepted)).GetProperty("id").GetString());
        await AssertRefusedAsync(AskAsync(Nowhere, "team/app", more: ""","platform":"linux/arm64" """), HttpStatusCode.Conflict, "IMPORT_EXISTS");
        await ReadAsync(SendAsync("DELETE", $"/api/v1/imports/{id}", Pusher), HttpStatusCode.OK);
        Assert.NotEqual(id, await AskedAsync());
    }

    [Theory]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","tags":["v*"]}""", "tags is for a whole repository: leave it out, or the tag of source")]
    [InlineData("""{"source":"there.example/app","target":"team/app:v1"}""", "a whole repository keeps its tags: leave out the tag of target, or give source one")]
    [InlineData("""{"source":"app:v1","target":"team/app"}""", "source is written HOST/NAME[:TAG|@DIGEST], with the host")]
    [InlineData("""{"source":"ftp://there.example/app:v1","target":"team/app"}""", "source is written HOST/NAME[:TAG|@DIGEST], with the host")]
    [InlineData("""{"source":"there.example/app:v1","target":"Team/app"}""", "target is written NAME or NAME:TAG, as it is to be called in this registry")]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","platform":"linux"}""", "platform is written os/architecture or os/architecture/variant")]
    [InlineData("""{"source":"there.example/app","target":"team/app","tags":["("]}""", "tags has at most 20 patterns, of letters, digits, underscores, dots, hyphens, * and ?")]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","credentials":{"username":"a:b","password":"s3cret"}}""", "credentials have a username, without a colon, and a password, or else a token without spaces")]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","credentials":{"token":"s3cret","username":"a"}}""", "credentials have a username, without a colon, and a password, or else a token without spaces")]
    public async Task A_request_that_cannot_be_is_told_what_is_wrong_with_it(string body, string problem)
    {
        var json = await ReadAsync(SendAsync("POST", "/api/v1/imports", Pusher, body), HttpStatusCode.BadRequest);
        Assert.Equal("REQUEST_INVALID", json.GetProperty("code").GetString());
        Assert.Equal(problem, Assert.Single(json.GetProperty("errors").EnumerateArray()).GetString());
        Assert.DoesNotContain("s3cret", json.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"source":"there.example/app:v1"}""")]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","targets":1}""")]
    [InlineData("""{"source":"there.example/app:v1","source":"there.example/app:v2","target":"team/app"}""")]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","credentials":{"password":["s3cret"]}}""")]
    [InlineData("""{"source":"there.example/app:v1","target":"team/app","tags":[null]}""")]
    [InlineData("""{"source":null,"target":"team/app"}""")]
    public async Task A_body_that_cannot_be_read_is_refused_without_being_repeated(string body)
    {
        var logs = Registry.CaptureLogs();
        var json = await ReadAsync(SendAsync("POST", "/api/v1/imports", Pusher, body), HttpStatusCode.BadRequest);
        Assert.Equal("REQUEST_INVALID", json.GetProperty("code").GetString());
        Assert.DoesNotContain("s3cret", json.ToString() + string.Concat(logs), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_has_a_type_and_a_length()
    {
        await AssertRefusedAsync(Registry.SendAsync("POST", "/api/v1/imports", "{}"u8.ToArray(), "text/plain", (HeaderAuthenticator.Header, Pusher)), HttpStatusCode.UnsupportedMediaType, "REQUEST_INVALID");
        await AssertRefusedAsync(SendAsync("POST", "/api/v1/imports", Pusher, new string(' ', 20_000)), HttpStatusCode.RequestEntityTooLarge, "REQUEST_INVALID");
    }

    [Theory]
    [InlineData("GET", "/api/v1/", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/api/v1/nothing", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/api/v2/imports", 404, "NAME_UNKNOWN")]
    [InlineData("PUT", "/api/v1/imports", 405, "UNSUPPORTED")]
    [InlineData("GET", "/api/v1/imports/%20", 404, "IMPORT_UNKNOWN")]
    [InlineData("GET", "/api/v1/imports/%2e%2e", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/api/v1/imports/a%2fb", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/api/v1/imports?cursor=%00", 400, "REQUEST_INVALID")]
    [InlineData("GET", "/api/v1/imports?n=-1", 400, "REQUEST_INVALID")]
    public async Task What_is_not_there_is_told_as_a_problem(string method, string path, int status, string code) =>
        await AssertRefusedAsync(SendAsync(method, path, Pusher), (HttpStatusCode)status, code);

    [Theory]
    [InlineData("http://there.example/app:v1")]
    [InlineData("http://10.0.0.1/app:v1")]
    public async Task A_source_that_may_not_be_asked_is_refused(string source)
    {
        var json = await ReadAsync(AskAsync(source, "team/app"), HttpStatusCode.BadRequest);
        Assert.Contains("Registry:Outbound:Allow", json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://10.0.0.1/app:v1")]
    [InlineData("https://169.254.169.254/app:v1")]
    [InlineData("https://[::1]/app:v1")]
    public async Task A_source_in_a_network_of_ones_own_is_not_connected_to(string source)
    {
        var id = (await ReadAsync(AskAsync(source, "team/app"), HttpStatusCode.Accepted)).GetProperty("id").GetString()!;
        var import = await EndAsync(id);
        Assert.Equal("failed", import.GetProperty("state").GetString());
        Assert.StartsWith("The registry does not connect to ", import.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_neither_shown_nor_logged_nor_kept()
    {
        await PushAsync("app", "v1");
        var logs = Registry.CaptureLogs();
        using var answer = await AskAsync($"{Source}/app:v1", "team/app", more: ""","credentials":{"username":"ann","password":"s3cret-word","trustedRealms":["auth.example"]}""");
        var body = await answer.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(body);
        var import = await EndAsync(json.RootElement.GetProperty("id").GetString()!);
        Assert.Equal("succeeded", import.GetProperty("state").GetString());
        var rows = await Registry.Stores.Tables.ReadAllAsync(TableKeys.SystemTable, RowQuery.Prefix("imports", ""), default);
        var stored = string.Concat(rows.Rows.SelectMany(r => r.Properties.Values).Select(v => v is byte[] b ? Encoding.UTF8.GetString(b) : $"{v}"));
        Assert.DoesNotContain("s3cret-word", body + import + string.Concat(logs) + stored, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:s3cret-word")), string.Concat(logs) + stored, StringComparison.Ordinal);
    }

    private async Task<string> AskedAsync(string target = "team/app") => (await ReadAsync(AskAsync(Nowhere, target), HttpStatusCode.Accepted)).GetProperty("id").GetString()!;

    private async Task<IReadOnlyList<string>> ImportsAsync(string caller, string query = "") =>
        [.. (await ReadAsync(SendAsync("GET", "/api/v1/imports" + query, caller), HttpStatusCode.OK)).GetProperty("imports").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
}
