using System.Net;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Performance;

/// <summary>
/// What each request costs in calls to storage. Queue and catalog rows come on top, once in ten minutes for a repository and an instance: every test warms
/// them up first, and one test counts them. So does, once in five seconds for an instance, the look at the run-time switches before a write.
/// </summary>
public sealed class RoundTripTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    private static readonly byte[] s_content = RegistryServer.RandomBytes(1000);

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    public async Task Reading_a_manifest_is_one_call(string method, bool byTag)
    {
        var image = await WarmUpAsync();
        await AssertCostAsync("manifestRead", () => Registry.SendAsync(method, $"/v2/app/manifests/{(byTag ? "v1" : image.Digest)}"));
    }

    [Fact]
    public async Task Head_of_a_blob_is_one_call()
    {
        var image = await WarmUpAsync();
        await AssertCostAsync("blobHead", () => Registry.SendAsync("HEAD", $"/v2/app/blobs/{image.Content.Blobs[0].Digest}"));
    }

    [Fact]
    public async Task Get_of_a_blob_up_to_the_redirect_is_one_call()
    {
        var image = await WarmUpAsync();
        await AssertCostAsync("blobGet", () => Registry.SendAsync("GET", $"/v2/app/blobs/{image.Content.Blobs[0].Digest}"), HttpStatusCode.TemporaryRedirect);
    }

    [Fact]
    public async Task Starting_an_upload_is_no_call()
    {
        await WarmUpAsync();
        await AssertCostAsync("uploadStart", () => Registry.SendAsync("POST", "/v2/app/blobs/uploads/"), HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(8 * 1024 * 1024)]
    public async Task A_whole_new_blob_of_one_block_is_three_calls(int size)
    {
        await WarmUpAsync();
        var content = RegistryServer.RandomBytes(size);
        await AssertCostAsync("uploadWhole", async () =>
        {
            var location = await Registry.StartUploadAsync("app");
            return await Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf(content)}", content);
        });
        await AssertCostAsync("uploadWhole", () =>
        {
            var other = RegistryServer.RandomBytes(Math.Max(1, size));
            return Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?digest={RegistryServer.DigestOf(other)}", other);
        });
    }

    [Fact]
    public async Task A_larger_blob_adds_a_call_for_each_block()
    {
        await WarmUpAsync();
        var content = RegistryServer.RandomBytes((2 * 8 * 1024 * 1024) + 1);
        await AssertCostAsync(CountedCalls.Of("uploadWhole", 3, "uploadBlockMore"), () => Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?digest={RegistryServer.DigestOf(content)}", content));
    }

    [Fact]
    public async Task Post_patch_put_is_seven_calls_in_all()
    {
        await WarmUpAsync();
        await AssertCostAsync("uploadChunked", async () =>
        {
            using var patch = await Registry.SendAsync("PATCH", await Registry.StartUploadAsync("app"), s_content);
            return await Registry.SendAsync("PUT", $"{patch.Headers.Location!.OriginalString}&digest={RegistryServer.DigestOf(s_content)}");
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    public async Task Putting_a_manifest_is_a_call_for_each_blob_and_one_more_in_two_steps(int blobs)
    {
        await WarmUpAsync();
        var image = await Registry.PrepareImageAsync("app", blobs - 1);
        Registry.Probe.Delay = TimeSpan.FromMilliseconds(100);
        await AssertCostAsync(CountedCalls.Of("manifestPut", blobs, "manifestPutBlobMore"), () => Registry.PutManifestAsync("app", "v2", image));
        Assert.Equal(2, Registry.Probe.Steps);
    }

    [Fact]
    public async Task Putting_an_index_is_one_call()
    {
        var image = await WarmUpAsync();
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Build();
        await AssertCostAsync("indexPut", () => Registry.PutManifestAsync("app", "multi", index));
    }

    [Fact]
    public async Task A_mount_is_three_calls()
    {
        await WarmUpAsync();
        var digest = await Registry.PushBlobAsync("base", s_content);
        await AssertCostAsync("mount", () => Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?mount={digest}&from=base"));
    }

    [Fact]
    public async Task The_first_push_adds_one_queue_row_and_one_catalog_row_beside_the_other_calls()
    {
        await WarmUpAsync();
        var content = RegistryServer.RandomBytes(10);
        await AssertCostAsync((3, 1), () => Registry.SendAsync("POST", $"/v2/fresh/blobs/uploads/?digest={RegistryServer.DigestOf(content)}", content));
        var image = ManifestBuilder.ForImage(new Descriptor(MediaTypes.OciConfig, RegistryServer.DigestOf(content), content.Length)).Build();
        Registry.Probe.Delay = TimeSpan.FromMilliseconds(100);
        await AssertCostAsync((3, 0), () => Registry.PutManifestAsync("fresh", "v1", image));
        Assert.Equal(2, Registry.Probe.Steps);
        await AssertCostAsync((2, 0), () => Registry.PutManifestAsync("fresh", "v2", image));
        Time.Advance(TimeSpan.FromMinutes(11));
        await Registry.StartUploadAsync("fresh");
        await AssertCostAsync((4, 0), () => Registry.PutManifestAsync("fresh", "v3", image));
    }

    [Fact]
    public async Task A_head_that_a_push_will_rely_on_touches_only_an_old_link()
    {
        var image = await WarmUpAsync();
        var path = $"/v2/app/blobs/{image.Content.Blobs[0].Digest}";
        Time.Advance(TimeSpan.FromHours(11));
        await AssertCostAsync((1, 0), () => Registry.SendAsync("HEAD", path));
        Time.Advance(TimeSpan.FromHours(2));
        await Registry.StartUploadAsync("app");
        await AssertCostAsync((2, 0), () => Registry.SendAsync("HEAD", path));
        await AssertCostAsync((1, 0), () => Registry.SendAsync("HEAD", path));
    }

    [Fact]
    public async Task The_run_time_switches_are_looked_at_once_in_five_seconds()
    {
        await WarmUpAsync();
        await AssertCostAsync((0, 0), () => Registry.SendAsync("POST", "/v2/app/blobs/uploads/"));
        Time.Advance(TimeSpan.FromSeconds(6));
        await AssertCostAsync((1, 0), () => Registry.SendAsync("POST", "/v2/app/blobs/uploads/"));
        await AssertCostAsync((0, 0), () => Registry.SendAsync("POST", "/v2/app/blobs/uploads/"));
    }

    private async Task<Manifest> WarmUpAsync()
    {
        var image = await Registry.PrepareImageAsync("app");
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        await Registry.StartUploadAsync("app");
        return image;
    }

    private Task AssertCostAsync(string operation, Func<Task<HttpResponseMessage>> act, HttpStatusCode? status = null) => AssertCostAsync(CountedCalls.Of(operation), act, status);

    private async Task AssertCostAsync((int Table, int Object) cost, Func<Task<HttpResponseMessage>> act, HttpStatusCode? status = null)
    {
        Registry.Probe.Reset();
        using var answer = await act();
        if (status is { } wanted) Assert.Equal(wanted, answer.StatusCode);
        else Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        Assert.True(cost == Registry.Probe.Counts, $"Expected {cost}, counted {Registry.Probe.Counts}: {string.Join("; ", Registry.Probe.Calls)}");
    }
}
