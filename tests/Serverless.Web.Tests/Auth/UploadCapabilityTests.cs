using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Uploads that go on at a host of their own, where a capability in the address is the only proof.</summary>
public abstract class UploadCapabilityTests(IStorageKind storage) : AuthTest(storage)
{
    private const string Docker = "docker/20.10.24 go/go1.19.8 os/linux arch/amd64";
    private const string Host = "https://uploads.example.com";

    private static readonly byte[] s_content = [1, 2, 3, 4];
    private static readonly Digest s_digest = RegistryServer.DigestOf(s_content);

    protected override string[] Settings => [.. base.Settings, "Uploads:Url=" + Host, "PublicUrl=https://registry.example.com"];

    [Theory]
    [InlineData(Docker)]
    [InlineData("containerd/1.6.20~ds1")]
    [InlineData("skopeo/1.9.3")]
    [InlineData("containers/5.23.1 (github.com/containers/image)")]
    [InlineData("libpod/4.9.3")]
    [InlineData("Buildah/1.28.2")]
    [InlineData("buildkit/v0.12")]
    [InlineData("crane/0.20.2 go-containerregistry/0.20.2")]
    [InlineData("cosign/v2.2.0 (linux; amd64) go-containerregistry/v0.16.1")]
    [InlineData("go-containerregistry")]
    [InlineData("regclient/regctl (v0.4.7)")]
    [InlineData(".NET Container Library v10.0.401")]
    [InlineData("jib 3.4.0 jib-maven-plugin")]
    public async Task A_client_that_follows_is_sent_there_and_needs_no_credentials(string agent)
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var location = await StartAsync(token, agent);
        Assert.StartsWith($"{Host}/v2/team/app/blobs/uploads/", location, StringComparison.Ordinal);
        foreach (var half in (byte[][])[s_content[..2], s_content[2..]])
        {
            using var taken = await ExpectAsync(At(uploads, "PATCH", location, half), HttpStatusCode.Accepted);
            location = Header(taken, "Location");
            Assert.StartsWith(Host, location, StringComparison.Ordinal);
        }

        using var status = await ExpectAsync(At(uploads, "GET", location), HttpStatusCode.NoContent);
        Assert.Equal("0-3", Header(status, "Range"));
        using var done = await ExpectAsync(At(uploads, "PUT", Header(status, "Location") + "&digest=" + s_digest), HttpStatusCode.Created);
        // The blob is at the registry, not there.
        Assert.Equal($"https://registry.example.com/v2/team/app/blobs/{s_digest}", Header(done, "Location"));
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/team/app/blobs/{s_digest}", headers: token), HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("oras/1.3.3")]
    [InlineData("Helm/3.21.1")]
    [InlineData("Go-http-client/1.1")]
    [InlineData("curl/8.5.0")]
    [InlineData("mydocker/1.0")]
    [InlineData("")]
    public async Task Any_other_client_stays(string agent)
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var location = await StartAsync(token, agent);
        Assert.StartsWith("https://registry.example.com/v2/team/app/blobs/uploads/", location, StringComparison.Ordinal);
        Assert.DoesNotContain("_capability", location, StringComparison.Ordinal);
        await ExpectAsync(At(Registry, "PUT", location + "&digest=" + s_digest, s_content, token), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_whole_blob_comes_by_one_PUT_with_or_without_a_token_that_is_meant_for_the_registry()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        foreach (var headers in ((string, string)[][])[[], [token], [Bearer("nonsense")]])
        {
            var content = RegistryServer.RandomBytes(1000);
            var put = await StartAsync(token) + "&digest=" + RegistryServer.DigestOf(content);
            await ExpectAsync(At(uploads, "PUT", put, content, headers), HttpStatusCode.Created);
            // An answer that was lost is asked for again.
            await ExpectAsync(At(uploads, "PUT", put, content, headers), HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task A_capability_is_good_for_its_own_upload_only()
    {
        var (token, uploads) = await BeginAsync("team/*:pull,push", "other/*:pull,push");
        await using var _ = uploads;
        var mine = await StartAsync(token);
        var another = await StartAsync(token);
        var elsewhere = await StartAsync(Bearer(await SignInAsync("alice", "repository:other/app:pull,push")), name: "other/app");
        var before = await SnapshotAsync();
        foreach (var location in (string[])
            [
                WithCapability(another, Capability(mine)),
                WithCapability(elsewhere, Capability(mine)),
                mine.Replace("team/app", "other/app", StringComparison.Ordinal),
                // The session's own proof is none, nor is a token, nor nothing.
                WithCapability(mine, State(mine)),
                WithCapability(mine, token.Value["Bearer ".Length..]),
                WithCapability(mine, ""),
                mine[..mine.IndexOf("&_capability", StringComparison.Ordinal)],
                mine + "&_capability=" + Capability(mine),
                .. Forged(Capability(mine)).Select(f => WithCapability(mine, f)),
            ])
        {
            foreach (var method in (string[])["PATCH", "PUT", "GET", "DELETE"])
            {
                var path = method == "PUT" ? location + "&digest=" + s_digest : location;
                using var answer = await ExpectAsync(At(uploads, method, path, method is "PATCH" or "PUT" ? s_content : null, token), HttpStatusCode.Forbidden, "DENIED");
                Assert.Equal("", Header(answer, "WWW-Authenticate") + Header(answer, "Location"));
            }
        }

        Assert.Equal(before, await SnapshotAsync());
        await ExpectAsync(At(uploads, "PUT", mine + "&digest=" + s_digest, s_content), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Nothing_but_uploads_is_served_there_and_nobody_is_asked_to_sign_in()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var content = s_digest;
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/team/app/blobs/uploads/?digest={content}", s_content, MediaTypes.OctetStream, token), HttpStatusCode.Created);
        var proof = $"_capability={Capability(await StartAsync(token))}";
        foreach (var (method, path) in ((string, string)[])
            [
                ("GET", "/v2/"), ("GET", "/v2/_catalog"), ("GET", "/v2/team/app/tags/list"), ("GET", $"/v2/team/app/blobs/{content}"), ("HEAD", $"/v2/team/app/blobs/{content}"),
                ("DELETE", $"/v2/team/app/blobs/{content}"), ("GET", "/v2/team/app/manifests/latest"), ("PUT", "/v2/team/app/manifests/latest"), ("GET", $"/v2/team/app/referrers/{content}"),
                ("POST", "/v2/team/app/blobs/uploads/"), ("POST", $"/v2/team/app/blobs/uploads/?mount={content}&from=team/app"), ("POST", $"/v2/team/app/blobs/uploads/?digest={s_digest}"),
                ("GET", "/token?service=test-registry"), ("POST", "/oauth2/token"), ("POST", "/oauth2/exchange"), ("GET", "/.well-known/jwks.json"),
            ])
        {
            foreach (var query in (string[])["", proof])
            {
                using var answer = await uploads.SendAsync(method, path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query, headers: token);
                Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{method} {path}: {answer.StatusCode}");
                Assert.Equal("", Header(answer, "WWW-Authenticate"));
            }
        }

        await ExpectAsync(uploads.SendAsync("GET", "/"), HttpStatusCode.OK);
        foreach (var method in (string[])["POST", "HEAD", "OPTIONS"])
        {
            using var refused = await ExpectAsync(At(uploads, method, await StartAsync(token)), HttpStatusCode.MethodNotAllowed);
            Assert.Equal("GET, PUT, PATCH, DELETE", Header(refused, "Allow"));
        }
    }

    [Fact]
    public async Task The_registry_itself_takes_no_capability_for_a_token()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var location = await StartAsync(token);
        await ExpectAsync(At(Registry, "PATCH", location, s_content), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/team/app/tags/list?_capability={Capability(location)}"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(At(Registry, "PATCH", location, s_content, token), HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task It_ends_after_an_hour_and_each_answer_begins_another()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var first = await StartAsync(token);
        Time.Advance(TimeSpan.FromMinutes(59));
        using var taken = await ExpectAsync(At(uploads, "PATCH", first, s_content), HttpStatusCode.Accepted);
        var second = Header(taken, "Location");
        Time.Advance(TimeSpan.FromMinutes(1));
        await ExpectAsync(At(uploads, "GET", WithCapability(second, Capability(first))), HttpStatusCode.Forbidden, "DENIED");
        await ExpectAsync(At(uploads, "PUT", second + "&digest=" + s_digest), HttpStatusCode.Created);
        Time.Advance(TimeSpan.FromMinutes(59));
        await ExpectAsync(At(uploads, "GET", second), HttpStatusCode.Forbidden, "DENIED");
    }

    [Fact]
    public async Task Of_an_upload_that_is_finished_or_cancelled_it_is_worth_nothing()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var cancelled = await StartAsync(token);
        await ExpectAsync(At(uploads, "DELETE", cancelled), HttpStatusCode.NoContent);
        var finished = await StartAsync(token);
        await ExpectAsync(At(uploads, "PUT", finished + "&digest=" + s_digest, s_content), HttpStatusCode.Created);
        byte[] others = [9, 9, 9];
        var before = await SnapshotAsync();
        foreach (var location in (string[])[cancelled, finished])
        {
            await ExpectAsync(At(uploads, "PATCH", location, others), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
            await ExpectAsync(At(uploads, "GET", location), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }

        await ExpectAsync(At(uploads, "PUT", cancelled + "&digest=" + s_digest, s_content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(At(uploads, "PUT", finished + "&digest=" + RegistryServer.DigestOf(others), others), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Equal(before, await SnapshotAsync());
    }

    [Fact]
    public async Task Whoever_is_disabled_after_the_POST_can_finish_that_upload_and_nothing_else()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var (whole, chunked) = (await StartAsync(token), await StartAsync(token));
        await Accounts.ChangeAsync(AccountName.Parse("alice"), account => account with { Disabled = true }, default);
        // An answer to these would be another hour.
        var before = await SnapshotAsync();
        foreach (var (method, body) in ((string, byte[]?)[])[("PATCH", s_content), ("GET", null)])
        {
            await ExpectAsync(At(uploads, method, chunked, body), HttpStatusCode.Forbidden, "DENIED");
        }

        Assert.Equal(before, await SnapshotAsync());
        await ExpectAsync(At(uploads, "PUT", whole + "&digest=" + s_digest, s_content), HttpStatusCode.Created);
        // The token still holds for its few minutes, but gives no capability.
        await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: [token, ("User-Agent", Docker)]), HttpStatusCode.Forbidden, "DENIED");
        Time.Advance(TimeSpan.FromHours(1));
        await ExpectAsync(At(uploads, "PUT", chunked + "&digest=" + s_digest, s_content), HttpStatusCode.Forbidden, "DENIED");
    }

    [Fact]
    public async Task No_line_of_log_has_it()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        var lines = (Registry.CaptureLogs(), uploads.CaptureLogs());
        var location = await StartAsync(token);
        await ExpectAsync(At(uploads, "PATCH", location, s_content), HttpStatusCode.Accepted);
        await ExpectAsync(At(uploads, "PUT", location + "&digest=" + RegistryServer.DigestOf([1])), HttpStatusCode.BadRequest);
        await ExpectAsync(At(uploads, "GET", WithCapability(location, Capability(location) + "x")), HttpStatusCode.Forbidden);
        await ExpectAsync(At(uploads, "PUT", location + "&digest=" + s_digest), HttpStatusCode.Created);
        string[] all = [.. lines.Item1, .. lines.Item2];
        Assert.Contains(all, line => line.Contains("alice", StringComparison.Ordinal));
        Assert.DoesNotContain(all, line => line.Contains("_capability", StringComparison.Ordinal) || line.Contains(Capability(location)[..20], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beginning_costs_a_read_of_the_account_and_a_row_more()
    {
        var (token, uploads) = await BeginAsync();
        await using var _ = uploads;
        await ExpectAsync(At(uploads, "DELETE", await StartAsync(token)), HttpStatusCode.NoContent);
        Registry.Probe.Reset();
        var location = await StartAsync(token);
        Assert.Equal((2, 0), Registry.Probe.Counts);
        uploads.Probe.Reset();
        await ExpectAsync(At(uploads, "PUT", location + "&digest=" + s_digest, s_content), HttpStatusCode.Created);
        Assert.Equal((4, 2), uploads.Probe.Counts);
    }

    private async Task<((string Name, string Value) Token, RegistryServer Uploads)> BeginAsync(params string[] rights)
    {
        await AddUserAsync("alice", rights.Length > 0 ? rights : ["team/*:pull,push"]);
        return (Bearer(await SignInAsync("alice", "repository:team/app:pull,push,delete")), await StartAnotherAsync("Uploads:Only=true"));
    }

    private async Task<string> StartAsync((string Name, string Value) token, string agent = Docker, string name = "team/app")
    {
        using var answer = await ExpectAsync(Registry.SendAsync("POST", $"/v2/{name}/blobs/uploads/", headers: agent.Length > 0 ? [token, ("User-Agent", agent)] : [token]), HttpStatusCode.Accepted);
        return Header(answer, "Location");
    }

    /// <summary>What is sent to a public address arrives at this server.</summary>
    private static Task<HttpResponseMessage> At(RegistryServer server, string method, string location, byte[]? body = null, params (string, string)[] headers) =>
        server.SendAsync(method, new Uri(location).PathAndQuery, body, body is null ? null : MediaTypes.OctetStream, headers);

    private static string Capability(string location) => location[(location.IndexOf("_capability=", StringComparison.Ordinal) + "_capability=".Length)..];

    private static string State(string location) => location.Split("_state=")[1].Split('&')[0];

    private static string WithCapability(string location, string capability) => location[..location.IndexOf("&_capability", StringComparison.Ordinal)] + "&_capability=" + capability;

    // Every byte of it counts.
    private static IEnumerable<string> Forged(string capability)
    {
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(capability);
        for (var i = 0; i < bytes.Length; i++)
        {
            var forged = bytes.ToArray();
            forged[i] ^= 1;
            yield return System.Buffers.Text.Base64Url.EncodeToString(forged);
        }

        yield return capability[..^4];
        yield return capability + "AAAA";
        yield return "%00";
    }
}

public sealed class UploadCapabilityTestsInMemory(InMemoryStorage storage) : UploadCapabilityTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class UploadCapabilityTestsOnAzurite(AzuriteStorage storage) : UploadCapabilityTests(storage);
