using System.Net;
using System.Text.Json;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>A repository that everybody may pull from beside one that few may see.</summary>
public abstract class PublicAndPrivateTests(IStorageKind storage) : AuthTest(storage)
{
    protected override string[] Settings => [.. base.Settings, "Auth:Anonymous:0=public/*:pull"];

    [Fact]
    public async Task Anybody_pulls_from_the_public_one_with_a_token_for_nobody()
    {
        var image = await PushAsync("public/app");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/public/app/manifests/v1"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        var token = Bearer(await SignInAsync(null, "repository:public/app:pull"));
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: token), HttpStatusCode.OK);
        using var manifest = await ExpectAsync(Registry.SendAsync("GET", "/v2/public/app/manifests/v1", headers: token), HttpStatusCode.OK);
        Assert.Equal(image.Payload.ToArray(), await manifest.Content.ReadAsByteArrayAsync());
        using var blob = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/public/app/blobs/{image.Content.Blobs[0].Digest}", headers: token), HttpStatusCode.OK);
        Assert.Equal(image.Content.Blobs[0].Size, blob.Content.Headers.ContentLength);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/public/app/tags/list", headers: token), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nobody_in_particular_may_write_or_delete()
    {
        await PushAsync("public/app");
        var token = await SignInAsync(null, "repository:public/app:pull,push,delete");
        Assert.Equal(["repository:public/app:pull"], Access(token));
        foreach (var (method, path) in ((string, string)[])[("POST", "/v2/public/app/blobs/uploads/"), ("PUT", "/v2/public/app/manifests/v2"), ("DELETE", "/v2/public/app/manifests/v1")])
        {
            await ExpectAsync(Registry.SendAsync(method, path, method == "PUT" ? [1] : null, headers: Bearer(token)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }
    }

    [Fact]
    public async Task A_private_repository_and_one_that_does_not_exist_are_answered_alike()
    {
        var image = await PushAsync("private/app");
        await AddUserAsync("bob", "bobs/*:*");
        foreach (var user in (string?[])[null, "bob"])
        {
            Assert.Equal(
                (await AnswerAsync(user is null ? [] : [Basic(user, Password)], "GET", "/token?scope=repository:private/app:pull,push", "private/app")).Length,
                (await AnswerAsync(user is null ? [] : [Basic(user, Password)], "GET", "/token?scope=repository:missing/it:pull,push", "missing/it")).Length);
            foreach (var headers in (IEnumerable<(string, string)[]>)[[], [Bearer(await SignInAsync(user, "repository:private/app:pull,push", "repository:missing/it:pull,push"))]])
            {
                foreach (var (method, path) in ((string, string)[])
                    [
                        ("GET", "manifests/v1"), ("HEAD", "manifests/v1"), ("PUT", "manifests/v1"), ("DELETE", "manifests/v1"), ("GET", $"manifests/{image.Digest}"), ("GET", $"blobs/{image.Content.Blobs[0].Digest}"),
                        ("HEAD", $"blobs/{image.Content.Blobs[0].Digest}"), ("DELETE", $"blobs/{image.Content.Blobs[0].Digest}"), ("GET", "tags/list"), ("GET", $"referrers/{image.Digest}"), ("POST", "blobs/uploads/"),
                    ])
                {
                    Registry.Probe.Reset();
                    var hidden = await AnswerAsync(headers, method, $"/v2/private/app/{path}", "private/app");
                    Assert.StartsWith("Unauthorized\n", hidden, StringComparison.Ordinal);
                    Assert.Equal(await AnswerAsync(headers, method, $"/v2/missing/it/{path}", "missing/it"), hidden);
                    Assert.Equal((0, 0), Registry.Probe.Counts);
                }
            }
        }
    }

    [Fact]
    public async Task The_catalog_shows_what_the_caller_may_pull()
    {
        foreach (var name in (string[])["bobs/x", "other/a", "other/b", "public/a", "public/b", "public/c", "team/a", "team/b"]) await PushAsync(name);
        await AddUserAsync("alice", "team/*:pull,push", "other/b:push", "other/a:metadata");
        await AddUserAsync("admin", "*:*", "registry:catalog:*");
        await AddUserAsync("bob");
        var (everybody, alice) = ((string[])["public/a", "public/b", "public/c"], (string[])["public/a", "public/b", "public/c", "team/a", "team/b"]);
        var all = (string[])["bobs/x", "other/a", "other/b", "public/a", "public/b", "public/c", "team/a", "team/b"];
        foreach (var (user, names) in ((string?, string[])[])[(null, everybody), ("bob", everybody), ("alice", alice), ("admin", all)])
        {
            // Whoever asks for the right to the catalog without having it is shown the same.
            foreach (var scopes in (string[][])[["registry:catalog:*"], []])
            {
                var token = Bearer(await SignInAsync(user, scopes));
                foreach (var size in (int[])[0, 1, 2, 3, 100]) Assert.Equal(size == 0 ? [] : names, await ListAsync(token, size));
            }
        }
    }

    [Fact]
    public async Task A_catalog_that_hides_very_much_comes_in_short_pages_whose_links_name_nothing_hidden()
    {
        string[] hidden = [.. Enumerable.Range(0, 4500).Select(i => $"hidden/app{i:d4}")];
        foreach (var batch in hidden.Append("hidden/zzz-mine").Select(n => RowWrite.Note(TableKeys.Catalog(RepositoryName.Parse(n)))).Chunk(TableLimits.BatchCount))
        {
            Assert.True((await Registry.Stores.Tables.WriteAsync(TableKeys.SystemTable, batch, default)).Done);
        }

        await AddUserAsync("alice", "*-mine:pull");
        var token = Bearer(await SignInAsync("alice"));
        using var first = await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog?n=50", headers: token), HttpStatusCode.OK);
        Assert.Equal("""{"repositories":[]}""", await first.Content.ReadAsStringAsync());
        var link = Header(first, "Link");
        Assert.Matches("^</v2/_catalog\\?n=50&cursor=[A-Za-z0-9_-]+>; rel=\"next\"$", link);
        Assert.DoesNotContain("hidden", link, StringComparison.Ordinal);
        Registry.Probe.Reset();
        using var second = await ExpectAsync(Registry.SendAsync("GET", link[1..link.IndexOf('>', StringComparison.Ordinal)], headers: token), HttpStatusCode.OK);
        Assert.Equal("""{"repositories":["hidden/zzz-mine"]}""", await second.Content.ReadAsStringAsync());
        Assert.Equal("", Header(second, "Link"));
        // Two of them for what alice may pull.
        Assert.Equal((4, 0), Registry.Probe.Counts);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog?cursor=hidden%2Fapp0001", headers: token), HttpStatusCode.BadRequest, "UNSUPPORTED");
    }

    [Fact]
    public async Task A_mount_from_a_private_repository_is_like_one_from_nowhere()
    {
        var image = await PushAsync("private/app");
        await PushAsync("public/app");
        await AddUserAsync("bob", "bobs/*:*");
        var token = Bearer(await SignInAsync("bob", "repository:bobs/app:pull,push"));
        foreach (var source in (string[])["&from=private/app", "&from=missing/it", ""])
        {
            using var answer = await ExpectAsync(Registry.SendAsync("POST", $"/v2/bobs/app/blobs/uploads/?mount={image.Content.Blobs[0].Digest}{source}", headers: token), HttpStatusCode.Accepted);
            Assert.Equal("0-0", Header(answer, "Range"));
        }

        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/bobs/app/blobs/{image.Content.Blobs[0].Digest}", headers: token), HttpStatusCode.NotFound);
    }

    private async Task<Manifest> PushAsync(string name)
    {
        await using var open = await RegistryServer.StartAsync(Registry.Stores, Time);
        var image = await open.PrepareImageAsync(name, layers: 1);
        await ExpectAsync(open.PutManifestAsync(name, "v1", image), HttpStatusCode.Created);
        return image;
    }

    /// <summary>All of an answer, with the repository's name taken out.</summary>
    private async Task<string> AnswerAsync((string, string)[] headers, string method, string path, string name)
    {
        using var answer = await Registry.SendAsync(method, path, method == "PUT" ? [1] : null, headers: headers);
        var lines = answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Date" or "X-Request-ID")).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}").Order(StringComparer.Ordinal);
        var body = await answer.Content.ReadAsStringAsync();
        return $"{answer.StatusCode}\n{string.Join('\n', lines)}\n{body}".Replace(name, "NAME", StringComparison.Ordinal);
    }

    /// <summary>The whole catalog, page by page.</summary>
    private async Task<IReadOnlyList<string>> ListAsync((string, string) token, int size)
    {
        List<string> names = [];
        for (var (path, pages) = ($"/v2/_catalog?n={size}", 0); path.Length > 0; pages++)
        {
            using var answer = await ExpectAsync(Registry.SendAsync("GET", path, headers: token), HttpStatusCode.OK);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var page = json.RootElement.GetProperty("repositories").EnumerateArray().Select(n => n.GetString()!).ToList();
            Assert.True(page.Count <= size && pages < 20);
            names.AddRange(page);
            var link = Header(answer, "Link");
            path = link.Length == 0 ? "" : link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)];
            if (path.Length > 0) Assert.Contains("last=" + Uri.EscapeDataString(page[^1]), path, StringComparison.Ordinal);
        }

        return names;
    }
}

public sealed class PublicAndPrivateTestsInMemory(InMemoryStorage storage) : PublicAndPrivateTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class PublicAndPrivateTestsOnAzurite(AzuriteStorage storage) : PublicAndPrivateTests(storage);
