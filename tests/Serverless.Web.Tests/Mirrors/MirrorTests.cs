using System.Net;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Mirrors;

/// <summary>What another registry has comes when somebody asks for it, stays while it is asked for, and is served when the other one is down.</summary>
public abstract class MirrorTests(IStorageKind storage) : MirrorTest(storage)
{
    [Fact]
    public async Task The_second_pull_needs_no_upstream()
    {
        var image = await PushAsync();
        Assert.Equal(image.Digest, (await PullAsync(Registry, "v1")).Digest);
        Assert.Equal(4, Asked.Count);
        TakeDown();
        await PullAsync(Registry, "v1");
        await PullAsync(Registry, image.Digest.ToString());
        Assert.Equal(4, Asked.Count);
    }

    [Fact]
    public async Task A_fresh_tag_is_one_round_trip()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        foreach (var method in (string[])["GET", "HEAD"])
        {
            Registry.Probe.Reset();
            using var answer = await Registry.SendAsync(method, $"/v2/{Here}/manifests/v1");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Single(Registry.Probe.Calls);
        }
    }

    [Fact]
    public async Task An_index_comes_without_its_images_and_each_of_them_when_it_is_asked_for()
    {
        var (one, two) = (await PushAsync("one"), await PushAsync("two"));
        var index = ManifestBuilder.ForIndex().Append(one.Descriptor).Append(two.Descriptor).Build();
        using (await Upstream.PutManifestAsync(Remote, "index", index))
        using (var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/index")) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([$"GET /v2/{Remote}/manifests/index"], Asked);

        await AssertVerifiedAsync();
        await PullAsync(Registry, two.Digest.ToString());
        Assert.DoesNotContain(Asked, a => a.Contains(one.Digest.ToString(), StringComparison.Ordinal));
        await AssertVerifiedAsync();
    }

    [Fact]
    public async Task A_head_of_what_is_not_here_is_answered()
    {
        var image = await PushAsync();
        using var manifest = await Registry.SendAsync("HEAD", $"/v2/{Here}/manifests/v1");
        Assert.Equal((HttpStatusCode.OK, image.Payload.Length), (manifest.StatusCode, (int)manifest.Content.Headers.ContentLength!));
        var layer = image.Content.Blobs[1];
        using var blob = await Registry.SendAsync("HEAD", $"/v2/{Here}/blobs/{layer.Digest}");
        Assert.Equal((HttpStatusCode.OK, layer.Size), (blob.StatusCode, blob.Content.Headers.ContentLength));
        using var none = await Registry.SendAsync("HEAD", $"/v2/{Here}/blobs/{RegistryClient.DigestOf([7])}");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.DoesNotContain(Asked, a => a.StartsWith("GET ", StringComparison.Ordinal) && a.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_part_of_a_blob_that_is_not_here_is_served()
    {
        var layer = (await PushAsync()).Content.Blobs[1];
        using var part = await GetAsync(Registry, $"/v2/{Here}/blobs/{layer.Digest}", ("Range", "bytes=-10"));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal((await BlobAsync(Registry, layer.Digest))[^10..], await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_is_nowhere_is_not_found()
    {
        await PushAsync();
        foreach (var path in (string[])[$"{Here}/manifests/none", $"{Here}/manifests/{RegistryClient.DigestOf([1])}", $"{Here}/blobs/{RegistryClient.DigestOf([1])}", "hub/no/thing/manifests/v1"])
        {
            using var answer = await GetAsync(Registry, $"/v2/{path}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.DoesNotContain((await StoreAudit.ReadAsync(Registry.Stores)).Rows, r => r.Contains("|m:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PUT", "manifests/v1")]
    [InlineData("POST", "blobs/uploads/")]
    public async Task Nobody_pushes_to_a_mirror(string method, string path)
    {
        using var answer = await Registry.SendAsync(method, $"/v2/{Here}/{path}", "{}"u8.ToArray(), MediaTypes.OciManifest);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("mirror", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // Beside it everything is as ever.
        await Registry.PushBlobAsync("hubs/app", [1]);
    }

    [Fact]
    public async Task Nobody_imports_into_a_mirror()
    {
        using var answer = await Registry.SendAsync("POST", "/api/v1/imports", """{"source":"registry.example/app:v1","target":"hub/app:v1"}"""u8.ToArray(), "application/json");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("mirror", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_fetched_can_be_deleted_and_comes_again()
    {
        var image = await PushAsync();
        await PullAsync(Registry, "v1");
        using var gone = await Registry.SendAsync("DELETE", $"/v2/{Here}/manifests/{image.Digest}");
        Assert.Equal(HttpStatusCode.Accepted, gone.StatusCode);
        await PullAsync(Registry, "v1");
    }

    [Fact]
    public async Task Many_who_want_a_blob_at_once_have_it_fetched_once()
    {
        var content = RegistryServer.RandomBytes(8 << 20);
        var digest = await Upstream.PushBlobAsync(Remote, content);
        await using var other = await StartAnotherAsync();
        var pulls = Enumerable.Range(0, 20).Select(i => BlobAsync(i % 2 == 0 ? Registry : other, digest)).ToList();
        foreach (var pulled in await Task.WhenAll(pulls)) Assert.Equal(content, pulled);
        Assert.Single(Asked);
    }

    [Fact]
    public async Task Who_leaves_does_not_end_the_fetch()
    {
        var content = RegistryServer.RandomBytes(4 << 20);
        var digest = await Upstream.PushBlobAsync(Remote, content);
        var go = new TaskCompletionSource();
        Fault = async _ =>
        {
            await go.Task;
            return false;
        };
        using (var left = new CancellationTokenSource())
        {
            var pull = Registry.Client.GetAsync(new Uri($"/v2/{Here}/blobs/{digest}", UriKind.Relative), left.Token);
            while (Asked.Count == 0) await Task.Delay(10);
            await left.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        }

        go.SetResult();
        Assert.Equal(content, await BlobAsync(Registry, digest));
        Assert.Single(Asked);
    }

    [Fact]
    public async Task Other_names_for_the_mirror_lead_to_it()
    {
        var image = await PushAsync();
        var authority = MirrorSettings[1].Split("//")[1];
        using (var answer = await GetAsync(Registry, $"/v2/{Remote}/manifests/v1?ns={authority}")) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using (var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1?ns={authority}")) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using (var answer = await GetAsync(Registry, $"/v2/{Remote}/manifests/v1?ns=elsewhere.example")) Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await using var byHost = await StartAnotherAsync("Mirror:hub:Hosts:0=hub.example");
        foreach (var path in (string[])["manifests/v1", $"manifests/{image.Digest}", "tags/list"])
        {
            using var answer = await GetAsync(byHost, $"/v2/{Remote}/{path}", ("Host", "hub.example"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private async Task AssertVerifiedAsync()
    {
        List<VerifyFinding> findings = [];
        var registry = new ContainerRegistry(Registry.Stores.Tables, Registry.Stores.Objects, new(), Time);
        await registry.Verifier.RunAsync(new VerifyOptions(), findings.Add, default);
        Assert.Empty(findings);
    }
}

public sealed class MirrorTestsInMemory(InMemoryStorage storage) : MirrorTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class MirrorTestsOnAzurite(AzuriteStorage storage) : MirrorTests(storage);
