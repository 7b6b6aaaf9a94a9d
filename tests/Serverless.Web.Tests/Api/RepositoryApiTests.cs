using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>What the API shows of repositories, and what it changes.</summary>
public abstract class RepositoryApiTests(IStorageKind storage) : RepositoryApiTest(storage)
{
    [Fact]
    public async Task Repositories_are_listed_page_by_page()
    {
        foreach (var name in (string[])["team/a", "team/b", "team/c", "other/d"]) await PushAsync(name, "v1");
        var first = await ReadAsync("?n=2", Reader);
        Assert.Equal(["team/a", "team/b"], Texts(first.GetProperty("repositories")));
        var second = await ReadAsync($"?n=2&cursor={Uri.EscapeDataString(first.GetProperty("cursor").GetString()!)}", Reader);
        Assert.Equal(["team/c"], Texts(second.GetProperty("repositories")));
        Assert.Equal(["other/d", "team/a", "team/b", "team/c"], await AllAsync("", "eve *:pull registry:catalog:*"));
    }

    [Fact]
    public async Task Repositories_are_found_by_a_part_of_their_names()
    {
        foreach (var name in (string[])["team/api", "team/web", "team/web-old", "other/web"]) await PushAsync(name, "v1");
        Assert.Equal(["team/web", "team/web-old"], await AllAsync("web", Reader));
        Assert.Equal(["other/web", "team/web", "team/web-old"], await AllAsync("web", "eve *:pull registry:catalog:*", "1"));
        Assert.Empty(await AllAsync("WEB", Reader));
    }

    [Fact]
    public async Task A_repository_tells_of_its_tags()
    {
        await PushAsync("team/app", "v1");
        await PushAsync("team/app", "v2");
        var shown = await ReadAsync("/team/app", Reader);
        Assert.Equal(("team/app", 2, false, false), (shown.GetProperty("name").GetString(), shown.GetProperty("tags").GetInt32(), shown.GetProperty("hasMoreTags").GetBoolean(), shown.GetProperty("isMirror").GetBoolean()));
        Assert.NotEqual(default, shown.GetProperty("pushedAt").GetDateTimeOffset());
        await AssertRefusedAsync(SendAsync("GET", "/team/none"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        await AssertRefusedAsync(SendAsync("GET", "/team/none/_tags"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        await AssertRefusedAsync(SendAsync("GET", "/team/UPPER"), HttpStatusCode.BadRequest, "NAME_INVALID");
    }

    [Fact]
    public async Task Tags_are_listed_with_what_is_known_of_each()
    {
        var first = await PushAsync("team/app", "v1");
        await PushAsync("team/app", "v2");
        using (var pulled = await Registry.SendAsync("GET", "/v2/team/app/manifests/v1", null, null, (HeaderAuthenticator.Header, Reader))) Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        var page = await ReadAsync("/team/app/_tags?n=1", Reader);
        var tag = Assert.Single(page.GetProperty("tags").EnumerateArray());
        Assert.Equal(("v1", first.Digest.ToString(), MediaTypes.OciManifest, first.Payload.Length), (tag.GetProperty("name").GetString(), tag.GetProperty("digest").GetString(), tag.GetProperty("mediaType").GetString(), tag.GetProperty("size").GetInt32()));
        Assert.NotEqual(default, tag.GetProperty("pulledAt").GetDateTimeOffset());
        var rest = Assert.Single((await ReadAsync($"/team/app/_tags?cursor={page.GetProperty("cursor").GetString()}", Reader)).GetProperty("tags").EnumerateArray());
        Assert.Equal("v2", rest.GetProperty("name").GetString());
        Assert.False(rest.TryGetProperty("pulledAt", out _));
        Assert.Equal(first.Digest.ToString(), (await ReadAsync("/team/app/_tags/v1", Reader)).GetProperty("digest").GetString());
    }

    [Fact]
    public async Task A_tag_is_moved_rolled_back_and_deleted()
    {
        var (old, now) = (await PushAsync("team/app", "v1"), await PushAsync("team/app", "v1"));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(old.Digest.ToString(), (await ReadAsync(SendAsync("PUT", "/team/app/_tags/v1", body: "{}"), HttpStatusCode.OK)).GetProperty("digest").GetString());
        Assert.Equal(now.Digest.ToString(), (await ReadAsync(SendAsync("PUT", "/team/app/_tags/v2", body: $$"""{"digest":"{{now.Digest}}"}"""), HttpStatusCode.OK)).GetProperty("digest").GetString());
        var moves = (await ReadAsync("/team/app/_tags/v1/history", Reader)).GetProperty("moves");
        Assert.Equal([old.Digest.ToString(), now.Digest.ToString(), old.Digest.ToString()], Texts(moves, "digest"));
        Assert.Equal(["ann", "zoe", "zoe"], Texts(moves, "by"));
        await AssertRefusedAsync(SendAsync("PUT", "/team/app/_tags/v2", body: "{}"), HttpStatusCode.Conflict, "HISTORY_EMPTY");
        await AssertRefusedAsync(SendAsync("PUT", "/team/app/_tags/v3", body: $$"""{"digest":"sha256:{{new string('0', 64)}}"}"""), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        await AssertRefusedAsync(SendAsync("PUT", "/team/app/_tags/v3", body: """{"digest":"sha256:0"}"""), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await AssertDoneAsync(SendAsync("DELETE", "/team/app/_tags/v1"));
        await AssertRefusedAsync(SendAsync("GET", "/team/app/_tags/v1"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_change_can_be_bound_to_what_was_seen()
    {
        var (old, now) = (await PushAsync("team/app", "v1"), await PushAsync("team/app", "v1"));
        using (var shown = await SendAsync("GET", "/team/app/_tags/v1")) Assert.Equal($"\"{now.Digest}\"", shown.Headers.ETag?.Tag);
        var body = $$"""{"digest":"{{old.Digest}}"}""";
        await AssertRefusedAsync(SendAsync("PUT", "/team/app/_tags/v1", Owner, body, ("If-Match", $"\"{old.Digest}\"")), HttpStatusCode.PreconditionFailed, "UNSUPPORTED");
        await AssertRefusedAsync(SendAsync("DELETE", "/team/app/_tags/v1", Owner, null, ("If-Match", $"\"{old.Digest}\"")), HttpStatusCode.PreconditionFailed, "UNSUPPORTED");
        await ReadAsync(SendAsync("PUT", "/team/app/_tags/v1", Owner, body, ("If-Match", $"\"{now.Digest}\"")), HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_was_deleted_is_shown_and_comes_back()
    {
        var image = await PushAsync("team/app", "v1");
        await AssertDoneAsync(SendAsync("DELETE", $"/team/app/_manifests/{image.Digest}"));
        var item = Assert.Single((await ReadAsync("/team/app/_deleted", Reader)).GetProperty("deleted").EnumerateArray());
        Assert.Equal((image.Digest.ToString(), "v1"), (item.GetProperty("reference").GetString(), Assert.Single(Texts(item.GetProperty("tags")))));
        var restored = await ReadAsync(SendAsync("POST", $"/team/app/_deleted/{image.Digest}"), HttpStatusCode.OK);
        Assert.Equal(["v1"], Texts(restored.GetProperty("tags")));
        Assert.Equal(image.Digest.ToString(), (await ReadAsync("/team/app/_tags/v1")).GetProperty("digest").GetString());
        await AssertRefusedAsync(SendAsync("POST", "/team/app/_deleted/v9"), HttpStatusCode.NotFound, "DELETED_UNKNOWN");
        await AssertRefusedAsync(SendAsync("POST", "/team/app/_deleted/-"), HttpStatusCode.NotFound, "DELETED_UNKNOWN");
    }

    [Fact]
    public async Task A_repository_is_removed_whole()
    {
        await PushAsync("team/app", "v1");
        await PushAsync("team/app", "v2");
        await AssertDoneAsync(SendAsync("DELETE", "/team/app"));
        // The name leaves the catalog when nobody can have announced a push to it any more.
        Assert.Equal(0, (await ReadAsync("/team/app")).GetProperty("tags").GetInt32());
        await AssertRefusedAsync(SendAsync("DELETE", "/team/none"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        await AssertRefusedAsync(SendAsync("DELETE", "/team/app/_manifests/v1"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Theory]
    [InlineData("GET", "?n=0")]
    [InlineData("GET", "?n=x")]
    [InlineData("GET", "?cursor=x")]
    [InlineData("GET", "?cursor=p:x")]
    public async Task A_page_that_cannot_be_read_is_refused(string method, string path)
    {
        using var answer = await SendAsync(method, path);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
    }

    [Theory]
    [InlineData("PUT", "/team/app/_tags/v1", Reader)]
    [InlineData("DELETE", "/team/app/_tags/v1", Reader)]
    [InlineData("DELETE", "/team/app/_tags/v1", "carl team/*:pull,push")]
    [InlineData("DELETE", "/team/app", "carl team/*:pull,push")]
    [InlineData("DELETE", "/team/app/_manifests/sha256:0", Reader)]
    [InlineData("POST", "/team/app/_deleted/v1", Reader)]
    [InlineData("GET", "/team/app", "dan other/*:pull registry:admin:*")]
    [InlineData("GET", "/team/app/_tags", "dan other/*:pull")]
    [InlineData("GET", "/team/app/_manifests/v1", "dan team/*:metadata")]
    [InlineData("GET", "/team/app/_deleted", "dan team/*:metadata")]
    public async Task Whoever_lacks_the_right_is_refused_and_changes_nothing(string method, string path, string caller)
    {
        var image = await PushAsync("team/app", "v1");
        await AssertRefusedAsync(SendAsync(method, path, caller, method == "PUT" ? "{}" : null), HttpStatusCode.Forbidden, "DENIED");
        Assert.Equal(image.Digest.ToString(), (await ReadAsync("/team/app/_tags/v1")).GetProperty("digest").GetString());
    }

    private async Task<List<string?>> AllAsync(string wanted, string caller, string n = "100")
    {
        List<string?> names = [];
        for (string? cursor = null; ;)
        {
            var page = await ReadAsync($"?q={wanted}&n={n}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", caller);
            names.AddRange(Texts(page.GetProperty("repositories")));
            if (!page.TryGetProperty("cursor", out var next)) return names;
            cursor = next.GetString();
        }
    }
}

public sealed class RepositoryApiTestsInMemory(InMemoryStorage storage) : RepositoryApiTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class RepositoryApiTestsOnAzurite(AzuriteStorage storage) : RepositoryApiTests(storage);
