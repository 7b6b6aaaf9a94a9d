using Serverless.Registry.Retention;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Retention;

public sealed class PullRetentionTests : RetentionTest
{
    private static readonly RetentionRule s_idle = new() { NotPulledFor = TimeSpan.FromDays(30) };

    [Fact]
    public async Task Tags_that_nobody_has_pulled_for_long_go()
    {
        await TagAsync("pulled", "idle");
        await PullAsync("idle");
        Test.Time.Advance(TimeSpan.FromDays(20));
        await PullAsync("pulled");
        Test.Time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(["idle"], await ApplyAsync(s_idle));
        Test.Time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(["pulled"], await ApplyAsync(s_idle));
    }

    [Fact]
    public async Task A_tag_that_was_pushed_lately_stays_though_nobody_has_pulled_it()
    {
        await TagAsync("a");
        await PullAsync("a");
        Test.Time.Advance(TimeSpan.FromDays(40));
        await TagAsync("a", "new");
        Assert.Empty(await ApplyAsync(s_idle));
    }

    [Fact]
    public async Task While_no_pull_is_noted_no_tag_is_idle()
    {
        await TagAsync("a", "b");
        Test.Time.Advance(TimeSpan.FromDays(400));
        Assert.Empty(await ApplyAsync(s_idle));
        // Notes begin: from now on a month without a pull counts, and not a moment earlier.
        await PullAsync("b");
        Test.Time.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await ApplyAsync(s_idle));
        Test.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a", "b"], await ApplyAsync(s_idle));
    }

    [Fact]
    public async Task All_conditions_must_hold()
    {
        await TagAsync("a", "b", "c");
        await PullAsync("a");
        Test.Time.Advance(TimeSpan.FromDays(40));
        await PullAsync("b");
        Assert.Equal(["a"], await ApplyAsync(s_idle with { KeepNewest = 1, OlderThan = TimeSpan.FromDays(1) }));
    }

    [Fact]
    public async Task The_report_tells_of_the_last_pull()
    {
        await TagAsync("a");
        var pulled = Test.Time.GetUtcNow();
        await PullAsync("a");
        Test.Time.Advance(TimeSpan.FromDays(40));
        List<RetiredTag> retired = [];
        await Test.Registry.Retention.ApplyAsync([s_idle], true, retired.Add, default);
        Assert.Equal(pulled, Assert.Single(retired).PulledAt);
    }

    [Fact]
    public async Task A_pull_by_digest_counts_for_every_tag_that_points_there()
    {
        await TagAsync("a", "b", "c");
        var image = await PushImageAsync(Repository, "daily", "daily", "stable");
        await PullAsync("a");
        Test.Time.Advance(TimeSpan.FromDays(40));
        await PullAsync("a");
        await Repository.Tags.NotePullAsync(By(image.Digest), default);
        Assert.Equal(["b", "c"], await ApplyAsync(s_idle));
        Test.Time.Advance(TimeSpan.FromDays(40));
        Assert.Equal(["a", "daily", "stable"], await ApplyAsync(s_idle));
    }

    private Task PullAsync(string tag) => Repository.Tags.NotePullAsync(By(tag), default);
}
