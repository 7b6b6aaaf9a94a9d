using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>Manifests made to cost the registry more than they cost their sender, or to be read as something else by somebody else.</summary>
public abstract class ManifestBombTests(IStorageKind storage) : RegistryTest(storage)
{
    [Theory]
    [InlineData(33, 400)]
    [InlineData(100, 400)]
    [InlineData(500_000, 400)]
    [InlineData(20, 201)]
    public async Task A_manifest_is_only_so_deep(int depth, int status)
    {
        foreach (var (open, close) in (IEnumerable<(string, string)>)[("[", "]"), ("{\"x\":", "}")])
        {
            var deep = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
            await AssertAsync($$"""{"schemaVersion":2,"manifests":[],"x":{{deep}}}""", status);
        }
    }

    [Theory]
    [InlineData("""{"schemaVersion":2,"schemaVersion":1,"manifests":[]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"mediaType":"application/vnd.oci.image.index.v1+json","mediaType":"application/vnd.oci.image.manifest.v1+json"}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"media\u0054ype":"application/vnd.oci.image.index.v1+json","mediaType":"application/vnd.oci.image.index.v1+json"}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"x":{"a":1,"a":1}}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"subject":{"mediaType":"a/b","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":1,"size":2}}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"config":null}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":null}""")]
    [InlineData("""{"schemaVersion":2,"manifests":{}}""")]
    [InlineData("""{"schemaVersion":2,"manifests":"sha256:00"}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[null]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[[]]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":["x"]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"subject":"x"}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"subject":{}}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"artifactType":1}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"annotations":[]}""")]
    [InlineData("""{"schemaVersion":2.5,"manifests":[]}""")]
    [InlineData("""{"schemaVersion":1e400,"manifests":[]}""")]
    [InlineData("""{"schemaVersion":99999999999999999999,"manifests":[]}""")]
    [InlineData("""{"schemaVersion":NaN,"manifests":[]}""")]
    [InlineData("""{'schemaVersion':2,'manifests':[]}""")]
    [InlineData("""<manifest/>""")]
    public async Task A_manifest_that_could_be_read_in_two_ways_or_none_is_refused(string body) => await AssertAsync(body, 400);

    [Fact]
    public async Task Names_in_other_letters_mean_two_things_to_two_clients()
    {
        await AssertAsync("""{"schemaVersion":2,"Manifests":[]}""", 400);
        await AssertAsync("""{"schemaVersion":2,"manifests":[],"Layers":[]}""", 400);
        await AssertAsync("""{"schemaVersion":2,"manifests":[],"MEDIATYPE":"x"}""", 400);
        await AssertAsync("""{"schemaVersion":2,"manifests":[],"vendorLayers":[]}""", 201);
    }

    [Fact]
    public async Task Of_layers_by_the_thousand_that_are_missing_the_first_hundred_are_looked_for_and_named()
    {
        var layers = Enumerable.Range(0, 3000).Select(i => RegistryServer.DigestOf(Encoding.ASCII.GetBytes($"{i}"))).ToList();
        var config = RegistryServer.RandomBytes(10);
        await Registry.PushBlobAsync("app", config);
        var builder = ManifestBuilder.ForImage(new Descriptor(MediaTypes.OciConfig, RegistryServer.DigestOf(config), config.Length));
        foreach (var layer in layers) builder.Append(new Descriptor(MediaTypes.OciLayerGzip, layer, 1));
        var before = await SnapshotAsync();
        Registry.Probe.Reset();
        using var answer = await ExpectAsync(Registry.PutManifestAsync("app", "v1", builder.Build()), HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
        var body = await answer.Content.ReadAsStringAsync();
        Assert.InRange(layers.Count(layer => body.Contains(layer.ToString(), StringComparison.Ordinal)), 100, 140);
        Assert.InRange(Registry.Probe.Counts.Table, 100, 200);
        Assert.Equal(before, await SnapshotAsync());
    }

    [Theory]
    [InlineData(MediaTypes.OciManifest)]
    [InlineData(MediaTypes.OciIndex)]
    public async Task More_than_a_manifest_may_name_is_refused_at_once(string type)
    {
        var named = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{RegistryServer.DigestOf(Encoding.ASCII.GetBytes($"{i}"))}}","size":1}"""));
        var empty = RegistryServer.DigestOf("{}"u8.ToArray());
        var body = type == MediaTypes.OciIndex
            ? $$"""{"schemaVersion":2,"manifests":[{{named}}]}"""
            : $$"""{"schemaVersion":2,"config":{"mediaType":"application/json","digest":"{{empty}}","size":2},"layers":[{{named}}]}""";
        Assert.InRange(body.Length, 3_000_000, 4_000_000);
        await Registry.StartUploadAsync("app");
        Registry.Probe.Reset();
        using var answer = await ExpectAsync(Registry.SendAsync("PUT", "/v2/app/manifests/v1", Encoding.ASCII.GetBytes(body), type), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
        Assert.Contains("the limit is 4096", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(Registry.Probe.Calls.Count, 0, 1);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("none")]
    public async Task One_child_that_is_missing_by_the_ten_thousand_is_one_and_is_refused_or_taken_at_once(string platforms)
    {
        await using var registry = await StartAnotherAsync("Validation:IndexPlatforms=" + platforms, "Validation:Layers=none");
        // With as much work for each as there are others this would take minutes.
        var named = string.Join(',', Enumerable.Repeat($$"""{"mediaType":"a","digest":"{{RegistryServer.DigestOf([1])}}","size":1}""", 35_000));
        var body = Encoding.ASCII.GetBytes($$"""{"schemaVersion":2,"manifests":[{{named}}]}""");
        await ExpectAsync(registry.SendAsync("PUT", "/v2/app/manifests/v1", body, MediaTypes.OciIndex), platforms == "none" ? HttpStatusCode.Created : HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task One_layer_by_the_thousand_is_one_layer()
    {
        var image = await Registry.PrepareImageAsync("app", 1, m =>
        {
            for (var i = 0; i < 5000; i++) m.Append(m.References[1]);
        });
        Registry.Probe.Reset();
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        Assert.InRange(Registry.Probe.Calls.Count, 2, 10);
    }

    [Fact]
    public async Task Addresses_in_a_manifest_are_never_asked()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://{listener.LocalEndpoint}/layer";
        var foreign = new Descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar", RegistryServer.DigestOf([1]), 1) { Urls = [url] };
        var image = await Registry.PrepareImageAsync("app", 1, m => m.Append(foreign));
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/blobs/{foreign.Digest}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task What_a_manifest_says_reaches_no_header()
    {
        var body = """{"schemaVersion":2,"manifests":[],"artifactType":"a/b\r\nX-Injected: 1","annotations":{"a\r\nX-Injected":"1\r\nX-Injected: 1"}}""";
        await AssertAsync(body, 201);
        using var get = await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        Assert.Equal("", Header(get, "X-Injected"));
        Assert.Equal(body, await get.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_manifest_that_is_compressed_is_no_manifest_and_one_that_says_so_is_kept_as_it_came()
    {
        var body = """{"schemaVersion":2,"manifests":[]}"""u8.ToArray();
        using var compressed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true)) await gzip.WriteAsync(body);
        var encoding = ("Content-Encoding", "gzip");
        await ExpectAsync(Registry.SendAsync("PUT", "/v2/app/manifests/v1", compressed.ToArray(), MediaTypes.OciIndex, encoding), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
        Assert.Empty(await SnapshotAsync());
        await ExpectAsync(Registry.SendAsync("PUT", "/v2/app/manifests/v1", body, MediaTypes.OciIndex, encoding), HttpStatusCode.Created);
        using var get = await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync());
        Assert.Equal("", Header(get, "Content-Encoding"));
    }

    private async Task AssertAsync(string body, int status)
    {
        var before = await SnapshotAsync();
        await ExpectAsync(
            Registry.SendAsync("PUT", "/v2/app/manifests/v1", Encoding.UTF8.GetBytes(body), MediaTypes.OciIndex), (HttpStatusCode)status, status == 400 ? "MANIFEST_INVALID" : null);
        if (status == 400) Assert.Equal(before, await SnapshotAsync());
    }
}

public sealed class ManifestBombTestsInMemory(InMemoryStorage storage) : ManifestBombTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class ManifestBombTestsOnAzurite(AzuriteStorage storage) : ManifestBombTests(storage);
