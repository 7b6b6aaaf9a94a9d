using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Serverless.Web.Maintenance;
using Xunit;

namespace Serverless.Web.Tests.Mirrors;

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
