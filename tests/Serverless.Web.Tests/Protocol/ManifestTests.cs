using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class ManifestTests(IStorageKind storage) : RegistryTest(storage)
{
    [Fact]
    public async Task A_manifest_comes_back_as_it_was_pushed_by_tag_and_by_digest()
    {
        var image = await Registry.PrepareImageAsync("team/app");
        using var put = await ExpectAsync(Registry.PutManifestAsync("team/app", "v1", image), HttpStatusCode.Created);
        Assert.Equal($"/v2/team/app/manifests/{image.Digest}", put.Headers.Location!.OriginalString);
        Assert.Equal(image.Digest.ToString(), Header(put, "Docker-Content-Digest"));
        foreach (var reference in (string[])["v1", image.Digest.ToString()])
        {
            using var get = await ExpectAsync(Registry.SendAsync("GET", $"/v2/team/app/manifests/{reference}"), HttpStatusCode.OK);
            using var head = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/team/app/manifests/{reference}"), HttpStatusCode.OK);
            Assert.Equal(image.Payload.ToArray(), await get.Content.ReadAsByteArrayAsync());
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            foreach (var answer in (HttpResponseMessage[])[get, head])
            {
                Assert.Equal(image.MediaType, answer.Content.Headers.ContentType!.ToString());
                Assert.Equal(image.Payload.Length, answer.Content.Headers.ContentLength);
                Assert.Equal(image.Digest.ToString(), Header(answer, "Docker-Content-Digest"));
                Assert.Equal($"\"{image.Digest}\"", Header(answer, "ETag"));
            }
        }
    }

    [Fact]
    public async Task A_manifest_pushed_by_digest_has_no_tag()
    {
        var image = await Registry.PrepareImageAsync("app");
        await ExpectAsync(Registry.PutManifestAsync("app", image.Digest.ToString(), image), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.OK);
        Assert.DoesNotContain(await SnapshotAsync(), row => row.Contains("|t:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_manifest_under_sha512_is_found_under_sha512()
    {
        var image = await Registry.PrepareImageAsync("app");
        var digest = Digest.Compute(DigestAlgorithm.Sha512, image.Payload.Span);
        using var put = await ExpectAsync(Registry.PutManifestAsync("app", digest.ToString(), image), HttpStatusCode.Created);
        Assert.Equal(digest.ToString(), Header(put, "Docker-Content-Digest"));
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{digest}"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_tag_moves_to_the_manifest_pushed_last_and_the_first_stays_by_digest()
    {
        var (first, second) = (await Registry.PrepareImageAsync("app"), await Registry.PrepareImageAsync("app"));
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", first), HttpStatusCode.Created);
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", second), HttpStatusCode.Created);
        using var tag = await Registry.SendAsync("HEAD", "/v2/app/manifests/v1");
        Assert.Equal(second.Digest.ToString(), Header(tag, "Docker-Content-Digest"));
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{first.Digest}"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pushes_of_one_tag_at_once_leave_one_whole_manifest()
    {
        var images = new List<Manifest>();
        for (var i = 0; i < 8; i++) images.Add(await Registry.PrepareImageAsync("app", layers: 1));
        await Task.WhenAll(images.Select(i => ExpectAsync(Registry.PutManifestAsync("app", "v1", i), HttpStatusCode.Created)));
        using var get = await Registry.SendAsync("GET", "/v2/app/manifests/v1");
        var winner = images.Single(i => i.Digest.ToString() == Header(get, "Docker-Content-Digest"));
        Assert.Equal(winner.Payload.ToArray(), await get.Content.ReadAsByteArrayAsync());
        foreach (var image in images) await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.OK);
        await SnapshotAsync();
    }

    [Fact]
    public async Task Tags_in_the_query_are_applied_with_the_manifest()
    {
        var image = await Registry.PrepareImageAsync("app");
        using var put = await ExpectAsync(Registry.PutManifestAsync("app", $"{image.Digest}?tag=a&tag=b", image), HttpStatusCode.Created);
        Assert.Equal("a, b", Header(put, "OCI-Tag"));
        foreach (var tag in (string[])["a", "b"]) await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{tag}"), HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(60 * 1024)]
    [InlineData(70 * 1024)]
    [InlineData(630 * 1024)]
    [InlineData(700 * 1024)]
    [InlineData(4_000_000)]
    public async Task A_manifest_of_any_accepted_size_comes_back_verbatim(int size)
    {
        var image = await Registry.PrepareImageAsync("app", 1, b => b.Annotations["padding"] = new string('x', size));
        await ExpectAsync(Registry.PutManifestAsync("app", "big", image), HttpStatusCode.Created);
        foreach (var reference in (string[])["big", image.Digest.ToString()])
        {
            using var get = await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{reference}"), HttpStatusCode.OK);
            Assert.Equal(image.Payload.ToArray(), await get.Content.ReadAsByteArrayAsync());
        }

        using var head = await ExpectAsync(Registry.SendAsync("HEAD", "/v2/app/manifests/big"), HttpStatusCode.OK);
        Assert.Equal(image.Payload.Length, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_manifest_beyond_the_limit_is_refused()
    {
        var image = await Registry.PrepareImageAsync("app", 0, b => b.Annotations["padding"] = new string('x', 5_000_000));
        await ExpectAsync(Registry.PutManifestAsync("app", "big", image), HttpStatusCode.RequestEntityTooLarge, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Every_blob_that_is_missing_is_named_and_nothing_is_stored()
    {
        var (a, b) = (Describe(RegistryServer.RandomBytes(10)), Describe(RegistryServer.RandomBytes(10)));
        var image = await Registry.PrepareImageAsync("app", 1, m => m.Append(a).Append(b).Append(a));
        var before = await SnapshotAsync();
        using var refused = await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
        using var json = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        var named = json.RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("detail").GetProperty("digest").GetString());
        Assert.Equal([a.Digest.ToString(), b.Digest.ToString()], named);
        Assert.Equal(before, await SnapshotAsync());
    }

    [Fact]
    public async Task A_blob_that_only_another_repository_has_is_missing()
    {
        var image = await Registry.PrepareImageAsync("mine");
        await ExpectAsync(Registry.PutManifestAsync("yours", "v1", image), HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
    }

    [Fact]
    public async Task An_index_needs_its_children_and_not_their_tags()
    {
        var (amd, arm) = (await Registry.PrepareImageAsync("app"), await Registry.PrepareImageAsync("app"));
        var index = ManifestBuilder.ForIndex().Append(amd.Descriptor).Append(arm.Descriptor).Build();
        await ExpectAsync(Registry.PutManifestAsync("app", amd.Digest.ToString(), amd), HttpStatusCode.Created);
        using var refused = await ExpectAsync(Registry.PutManifestAsync("app", "multi", index), HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
        Assert.Contains(arm.Digest.ToString(), await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await ExpectAsync(Registry.PutManifestAsync("app", arm.Digest.ToString(), arm), HttpStatusCode.Created);
        await ExpectAsync(Registry.PutManifestAsync("app", "multi", index), HttpStatusCode.Created);
        var outer = ManifestBuilder.ForIndex().Append(index.Descriptor).Build();
        await ExpectAsync(Registry.PutManifestAsync("app", "outer", outer), HttpStatusCode.Created);
        await ExpectAsync(Registry.PutManifestAsync("app", "empty", ManifestBuilder.ForIndex().Build()), HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_index_may_list_layers_as_BuildKit_caches_do()
    {
        var layer = RegistryServer.RandomBytes(100);
        await Registry.PushBlobAsync("app", layer);
        await ExpectAsync(Registry.PutManifestAsync("app", "cache", ManifestBuilder.ForIndex().Append(Describe(layer)).Build()), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_layer_that_may_not_be_distributed_need_not_be_here()
    {
        var foreign = new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", RegistryServer.DigestOf([1]), 1) { Urls = ["https://example.com/layer"] };
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", await Registry.PrepareImageAsync("app", 1, m => m.Append(foreign))), HttpStatusCode.Created);
        await ExpectAsync(
            Registry.PutManifestAsync("app", "v2", await Registry.PrepareImageAsync("app", 1, m => m.Append(foreign with { Urls = [] }))),
            HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
    }

    [Fact]
    public async Task A_subject_need_not_exist_and_is_confirmed()
    {
        var subject = new Descriptor(MediaTypes.OciManifest, RegistryServer.DigestOf([7]), 7);
        var image = await Registry.PrepareImageAsync("app", 1, m => m.Subject = subject);
        using var put = await ExpectAsync(Registry.PutManifestAsync("app", image.Digest.ToString(), image), HttpStatusCode.Created);
        Assert.Equal(subject.Digest.ToString(), Header(put, "OCI-Subject"));
    }

    [Fact]
    public async Task A_content_type_may_have_parameters_and_is_kept_without()
    {
        var image = await Registry.PrepareImageAsync("app");
        await ExpectAsync(
            Registry.SendAsync("PUT", "/v2/app/manifests/v1", image.Payload.ToArray(), $"{image.MediaType}; charset=utf-8"), HttpStatusCode.Created);
        using var get = await Registry.SendAsync("GET", "/v2/app/manifests/v1");
        Assert.Equal(image.MediaType, get.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task A_client_that_has_the_manifest_is_told_so()
    {
        var image = await Registry.PrepareImageAsync("app");
        await Registry.PutManifestAsync("app", "v1", image);
        foreach (var method in (string[])["GET", "HEAD"])
        {
            await ExpectAsync(Registry.SendAsync(method, "/v2/app/manifests/v1", null, null, ("If-None-Match", $"\"{image.Digest}\"")), HttpStatusCode.NotModified);
            await ExpectAsync(Registry.SendAsync(method, "/v2/app/manifests/v1", null, null, ("If-None-Match", "\"other\"")), HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData(".not-a-tag")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_manifest_that_is_not_there_is_unknown(string reference)
    {
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{reference}"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/manifests/{reference}"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_manifest_pushed_under_another_digest_is_refused()
    {
        var image = await Registry.PrepareImageAsync("app");
        await ExpectAsync(Registry.PutManifestAsync("app", RegistryServer.DigestOf([1]).ToString(), image), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Theory]
    [InlineData("application/vnd.oci.image.manifest.v1+json", "")]
    [InlineData("application/vnd.oci.image.manifest.v1+json", "{")]
    [InlineData("application/vnd.oci.image.manifest.v1+json", "[]")]
    [InlineData("application/vnd.oci.image.index.v1+json", """{"schemaVersion":2,"manifests":[],"artifactType":"\ud800"}""")]
    [InlineData("application/vnd.oci.image.index.v1+json", """{"schemaVersion":2,"manifests":[],"\udc00":""}""")]
    [InlineData("application/vnd.oci.image.index.v1+json", """{"schemaVersion":2,"manifests":[],"annotations":{"\udc00":""}}""")]
    [InlineData("application/vnd.oci.image.manifest.v1+json", """{"schemaVersion":2}""")]
    [InlineData("application/vnd.oci.image.manifest.v1+json", """{"schemaVersion":2,"schemaVersion":2,"config":{},"layers":[]}""")]
    [InlineData("application/vnd.oci.image.index.v1+json", """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}""")]
    [InlineData("application/vnd.oci.image.index.v1+json", """{"schemaVersion":2,"manifests":[],"layers":[]}""")]
    [InlineData("application/vnd.docker.distribution.manifest.v1+json", """{"schemaVersion":1,"name":"app"}""")]
    [InlineData("application/json", """{"schemaVersion":2,"manifests":[]}""")]
    [InlineData("text/plain", """{"schemaVersion":2,"manifests":[]}""")]
    [InlineData(null, """{"schemaVersion":2,"manifests":[]}""")]
    public async Task A_body_that_is_no_accepted_manifest_is_refused(string? contentType, string body)
    {
        await ExpectAsync(Registry.SendAsync("PUT", "/v2/app/manifests/v1", Encoding.UTF8.GetBytes(body), contentType), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
        Assert.Empty(await SnapshotAsync());
    }

    [Fact]
    public async Task A_body_that_is_not_utf8_is_refused()
    {
        byte[] body = [.. """{"schemaVersion":2,"manifests":[],"x"""u8, 0xF9, .. "\":1}"u8];
        await ExpectAsync(Registry.SendAsync("PUT", "/v2/app/manifests/v1", body, MediaTypes.OciIndex), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    private static Descriptor Describe(byte[] layer) => new(MediaTypes.OciLayerGzip, RegistryServer.DigestOf(layer), layer.Length);
}

public sealed class ManifestTestsInMemory(InMemoryStorage storage) : ManifestTests(storage), IClassFixture<InMemoryStorage>;

public sealed class ManifestTestsOnLocalDisk(LocalDisk storage) : ManifestTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class ManifestTestsOnAzurite(AzuriteStorage storage) : ManifestTests(storage);
