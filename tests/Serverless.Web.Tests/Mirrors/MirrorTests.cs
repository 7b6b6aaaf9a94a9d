using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Serverless.Web.Maintenance;
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

/// <summary>Tags are asked for again when their time is over, and what nobody pulls goes. The clock of storage is the test's.</summary>
public sealed class MirrorTimeTests(InMemoryStorage storage) : MirrorTest(storage), IClassFixture<InMemoryStorage>
{
    protected override string[] Settings => ["Mirror:hub:Tags:0=v*", "Mirror:hub:StaleIfDown=true"];

    [Fact]
    public async Task A_tag_is_asked_for_again_when_its_time_is_over_and_read_only_if_it_has_moved()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        Forget();
        Time.Advance(TimeSpan.FromMinutes(59));
        await PullAsync(Registry, "v1");
        Assert.Empty(Asked);
        Time.Advance(TimeSpan.FromMinutes(2));
        await PullAsync(Registry, "v1");
        Assert.Equal([$"HEAD /v2/{Remote}/manifests/v1"], Asked);
        // That it still points there counts for another hour.
        Time.Advance(TimeSpan.FromMinutes(59));
        await PullAsync(Registry, "v1");
        Assert.Single(Asked);

        var moved = await PushAsync();
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(moved.Digest, (await PullAsync(Registry, "v1")).Digest);
        Assert.Equal($"GET /v2/{Remote}/manifests/v1", Asked[2]);
    }

    [Fact]
    public async Task What_it_costs_is_known()
    {
        var image = await PushAsync();
        await PullAsync(Registry, "v1");
        await PullAsync(Registry, image.Digest.ToString());
        var next = await PushAsync();
        await CostsAsync("manifestRead", $"manifests/{image.Digest}");
        Time.Advance(TimeSpan.FromMinutes(50));
        await CostsAsync("manifestRead", "manifests/v1");
        Time.Advance(TimeSpan.FromMinutes(20));
        // The hourly note of the pull is one of them.
        await CostsAsync("mirrorManifestGet", "manifests/v1");
        await CostsAsync("mirrorBlobGet", $"blobs/{next.Content.Blobs[1].Digest}");
        Time.Advance(TimeSpan.FromMinutes(61));
        await CostsAsync("mirrorTagConfirm", "manifests/v1");
        Assert.True(_wrong.Count == 0, string.Join("\n", _wrong));
    }

    private readonly List<string> _wrong = [];

    private async Task CostsAsync(string operation, string path)
    {
        // What instances share is read again every few seconds, whoever asks.
        using (await Registry.SendAsync("GET", "/v2/other/manifests/v1")) Registry.Probe.Reset();
        using var answer = await GetAsync(Registry, $"/v2/{Here}/{path}");
        // A blob may have come before anybody was sent it.
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.TemporaryRedirect]);
        await answer.Content.ReadAsByteArrayAsync();
        var (most, counted) = (CountedCalls.Of(operation), Registry.Probe.Counts);
        // A reader that the fetch has left behind reads the end of the blob from storage.
        if (counted.Table != most.Table || counted.Object > most.Object) _wrong.Add($"{operation}: counted {Registry.Probe.Counts}: {string.Join("; ", Registry.Probe.Calls)}");
    }

    [Fact]
    public async Task A_tag_that_is_gone_upstream_is_gone_here()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        using (await Upstream.SendAsync("DELETE", $"/v2/{Remote}/manifests/v1")) Time.Advance(TimeSpan.FromHours(2));
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Upstream_down_the_old_one_is_served_and_said_to_be_stale()
    {
        var image = await PushAsync();
        await PullAsync(Registry, "v1");
        TakeDown();
        Time.Advance(TimeSpan.FromHours(2));
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("110 ", Assert.Single(answer.Headers.GetValues("Warning")), StringComparison.Ordinal);
        await PullAsync(Registry, "v1");
        Assert.Equal(image.Digest, (await PullAsync(Registry, image.Digest.ToString())).Digest);

        await using var strict = await StartAnotherAsync("Mirror:hub:StaleIfDown=false");
        using var refused = await GetAsync(strict, $"/v2/{Here}/manifests/v1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_left_in_peace_for_a_moment()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        TakeDown();
        Time.Advance(TimeSpan.FromHours(2));
        for (var i = 0; i < 5; i++) await PullAsync(Registry, "v1");
        // An HTTP client tries a connection that was in use once more.
        var asked = Asked.Count(a => a.StartsWith("HEAD", StringComparison.Ordinal));
        Assert.InRange(asked, 1, 2);
        Time.Advance(TimeSpan.FromSeconds(11));
        Fault = _ => Task.FromResult(false);
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1");
        Assert.False(answer.Headers.Contains("Warning"));
    }

    [Fact]
    public async Task Tags_that_are_not_mirrored_are_not_asked_for()
    {
        await PushAsync("latest");
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/latest");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(Asked);
    }

    [Fact]
    public async Task What_nobody_pulls_goes_and_what_somebody_pulls_stays()
    {
        var (kept, pinned, forgotten) = (await PushAsync(), await PushAsync("v2"), await PushAsync("v3"));
        await PullAsync(Registry, "v1");
        await PullAsync(Registry, pinned.Digest.ToString());
        await PullAsync(Registry, "v3");
        // Tags after a week; what only they led to when the repository is looked at again, another week later at most; its blobs then.
        for (var day = 0; day < 18; day++)
        {
            Time.Advance(TimeSpan.FromDays(1));
            await PullAsync(Registry, "v1");
            await PullAsync(Registry, pinned.Digest.ToString());
            await MaintainAsync();
        }

        TakeDown();
        await PullAsync(Registry, "v1");
        await PullAsync(Registry, pinned.Digest.ToString());
        foreach (var path in (string[])[$"manifests/{forgotten.Digest}", "manifests/v3", $"blobs/{forgotten.Content.Blobs[1].Digest}"])
        {
            using var answer = await GetAsync(Registry, $"/v2/{Here}/{path}");
            Assert.True(HttpStatusCode.ServiceUnavailable == answer.StatusCode, $"{path}: {answer.StatusCode}");
        }

        Assert.NotEqual(kept.Digest, forgotten.Digest);
    }

    [Fact]
    public async Task What_was_pushed_before_there_was_a_mirror_stays()
    {
        await using var before = await RegistryServer.StartAsync(Registry.Stores, Time);
        var own = await before.PrepareImageAsync(Here);
        using (var pushed = await before.PutManifestAsync(Here, "v9", own)) Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        for (var day = 0; day < 18; day++)
        {
            Time.Advance(TimeSpan.FromDays(1));
            await MaintainAsync();
        }

        Assert.Equal(own.Digest, (await PullAsync(before, "v9")).Digest);
    }

    [Fact]
    public async Task A_mirror_that_rests_costs_nothing()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        for (var day = 0; day < 9; day++)
        {
            Time.Advance(TimeSpan.FromDays(1));
            await PullAsync(Registry, "v1");
            await MaintainAsync();
        }

        // Nothing is queued to be looked at, and no claim is left.
        var queued = await Registry.Stores.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(null, "repositories:"), default).ToListAsync();
        Assert.Empty(queued);
        Assert.DoesNotContain((await StoreAudit.ReadAsync(Registry.Stores)).AssertSound().Rows, r => r.Contains("|" + TableKeys.FetchPrefix, StringComparison.Ordinal));
    }

    private async Task MaintainAsync()
    {
        await Registry.Services.GetRequiredService<MaintenanceRunner>().RunAsync(default);
    }
}
