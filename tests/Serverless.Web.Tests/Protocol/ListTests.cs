using System.Net;
using System.Text.Json;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class ListTests(IStorageKind storage) : RegistryTest(storage)
{
    [Fact]
    public async Task Tags_come_in_ascii_order_page_by_page()
    {
        string[] tags = ["1.0", "1.0-rc", "1.0.1", "A", "Z", "_x", "a", "latest"];
        var image = await Registry.PrepareImageAsync("team/app");
        foreach (var tag in tags.Reverse()) await ExpectAsync(Registry.PutManifestAsync("team/app", tag, image), HttpStatusCode.Created);
        Assert.Equal(tags.Order(StringComparer.Ordinal), (await ReadPageAsync("/v2/team/app/tags/list", "tags")).Entries);
        foreach (var n in (int[])[1, 3, 7, 8, 9]) Assert.Equal(tags.Order(StringComparer.Ordinal), await ReadAllAsync($"/v2/team/app/tags/list?n={n}", "tags", n));
        using var answer = await Registry.SendAsync("GET", "/v2/team/app/tags/list");
        Assert.StartsWith("""{"name":"team/app","tags":[""", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repositories_come_in_ascii_order_page_by_page()
    {
        string[] names = ["a", "a-b", "a.b", "a/b", "a/b-c", "a0", "a_b", "ab", "z"];
        foreach (var name in names.Reverse()) await PushAsync(name);
        Assert.Equal(names.Order(StringComparer.Ordinal), (await ReadPageAsync("/v2/_catalog", "repositories")).Entries);
        foreach (var n in (int[])[1, 2, 8, 9, 10]) Assert.Equal(names.Order(StringComparer.Ordinal), await ReadAllAsync($"/v2/_catalog?n={n}", "repositories", n));
    }

    [Theory]
    [InlineData("last=b", "c")]
    [InlineData("last=bb", "c")]
    [InlineData("last=a", "b,c")]
    [InlineData("last=0", "a,b,c")]
    [InlineData("last=c", "")]
    [InlineData("last=zzz", "")]
    [InlineData("last=%27%20or%20%271%27%20eq%20%271", "a,b,c")]
    [InlineData("n=0", "")]
    [InlineData("n=2", "a,b")]
    [InlineData("n=99999999999999999999999999", "a,b,c")]
    [InlineData("n=&last=", "a,b,c")]
    public async Task Last_is_exclusive_and_need_not_exist(string query, string expected)
    {
        var image = await Registry.PrepareImageAsync("zz");
        foreach (var tag in (string[])["a", "b", "c"]) await Registry.PutManifestAsync("zz", tag, image);
        foreach (var name in (string[])["a", "b", "c"]) await PushAsync(name);
        var entries = expected.Length == 0 ? [] : expected.Split(',');
        var (tags, next) = await ReadPageAsync("/v2/zz/tags/list?" + query, "tags");
        Assert.Equal(entries, tags);
        Assert.Equal(query == "n=2", next is not null);
        Assert.Equal(entries, (await ReadPageAsync("/v2/_catalog?" + query, "repositories")).Entries.Where(e => e != "zz"));
    }

    [Theory]
    [InlineData("n=-1")]
    [InlineData("n=x")]
    [InlineData("n=1.5")]
    [InlineData("n=%201")]
    [InlineData("last=%00")]
    [InlineData("last=%0a")]
    [InlineData("last=%c3%a4")]
    public async Task A_page_that_cannot_be_read_is_refused(string query)
    {
        await PushAsync("app");
        var code = query.StartsWith("n=", StringComparison.Ordinal) ? "PAGINATION_NUMBER_INVALID" : "UNSUPPORTED";
        await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog?" + query), HttpStatusCode.BadRequest, code);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/tags/list?" + query), HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_repository_without_tags_has_an_empty_list_and_one_that_is_not_there_none()
    {
        var image = await PushAsync("app");
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.Accepted);
        Assert.Empty((await ReadPageAsync("/v2/app/tags/list", "tags")).Entries);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/none/tags/list"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/none/tags/list?n=0"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
    }

    [Fact]
    public async Task An_empty_registry_has_an_empty_catalog() => Assert.Empty((await ReadPageAsync("/v2/_catalog", "repositories")).Entries);

    [Fact]
    public async Task A_page_is_one_call_to_storage()
    {
        var image = await Registry.PrepareImageAsync("app");
        foreach (var tag in (string[])["a", "b", "c"]) await Registry.PutManifestAsync("app", tag, image);
        foreach (var path in (string[])["/v2/app/tags/list", "/v2/app/tags/list?n=2", "/v2/_catalog", "/v2/_catalog?n=1", $"/v2/app/referrers/{image.Digest}"])
        {
            Registry.Probe.Reset();
            await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.OK);
            Assert.Equal((1, 0), Registry.Probe.Counts);
        }
    }

    private async Task<List<string>> ReadAllAsync(string path, string property, int n)
    {
        List<string> all = [];
        for (var next = path; next is not null;)
        {
            var (entries, link) = await ReadPageAsync(next, property);
            Assert.InRange(entries.Count, 0, n);
            all.AddRange(entries);
            next = link;
        }

        return all;
    }

    private async Task<(List<string> Entries, string? Next)> ReadPageAsync(string path, string property)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.OK);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var link = Header(answer, "Link");
        if (link.Length > 0) Assert.Matches("^<[^>]+>; rel=\"next\"$", link);
        return ([.. json.RootElement.GetProperty(property).EnumerateArray().Select(e => e.GetString()!)], link.Length == 0 ? null : link[1..link.IndexOf('>', StringComparison.Ordinal)]);
    }

    private async Task<Manifest> PushAsync(string name)
    {
        var config = RegistryServer.RandomBytes(10);
        await Registry.PushBlobAsync(name, config);
        var image = ManifestBuilder.ForImage(new Descriptor(MediaTypes.OciConfig, RegistryServer.DigestOf(config), config.Length)).Build();
        await ExpectAsync(Registry.PutManifestAsync(name, "v1", image), HttpStatusCode.Created);
        return image;
    }
}

public sealed class ListTestsInMemory(InMemoryStorage storage) : ListTests(storage), IClassFixture<InMemoryStorage>;

public sealed class ListTestsOnLocalDisk(LocalDisk storage) : ListTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class ListTestsOnAzurite(AzuriteStorage storage) : ListTests(storage);
