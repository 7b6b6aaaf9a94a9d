using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Xunit;

namespace Serverless.Registry.Tests.Retention;

/// <summary>Runs that are cut off, and those that go on from there.</summary>
public sealed class RetentionCursorTests : RetentionTest
{
    private static readonly RetentionRule s_keepOne = new() { KeepNewest = 1 };

    [Fact]
    public async Task A_run_that_is_cut_off_anywhere_is_gone_on_with_after_the_last_repository_that_is_done()
    {
        string[] names = ["a", "a-b/c", "a.b", "a/b", "b"];
        foreach (var name in names)
        {
            var image = await TestRegistry.PushImageAsync(Test.Open(name), name, "old");
            Test.Time.Advance(TimeSpan.FromHours(1));
            await Test.Open(name).Tags.PutAsync(Tag.Parse("new"), image.Digest, default);
        }

        string? cursor = null;
        List<string> retired = [];
        foreach (var name in names)
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => Test.Registry.Retention.ApplyAsync([s_keepOne], false, t => retired.Add($"{t.Repository}:{t.Tag}"), new WalkCursor(cursor, (reached, _) =>
            {
                cursor = reached;
                throw new OperationCanceledException();
            }), default));
            Assert.Equal(name, cursor);
        }

        var rest = await ApplyAsync(cursor);
        Assert.Equal((0, 0), (rest.Repositories, rest.Deleted));
        Assert.Equal(names.Select(n => n + ":old"), retired);
    }

    [Fact]
    public async Task A_place_to_go_on_need_not_be_a_repository_any_more()
    {
        await TagAsync("a", "b");
        Assert.Equal(1, (await ApplyAsync("team/aaa", dryRun: true)).Deleted);
        Assert.Equal(0, (await ApplyAsync("team/app", dryRun: true)).Repositories);
        Assert.Equal(0, (await ApplyAsync("~ no name at all", dryRun: true)).Repositories);
    }

    private Task<RetentionSummary> ApplyAsync(string? from, bool dryRun = false) =>
        Test.Registry.Retention.ApplyAsync([s_keepOne], dryRun, null, new WalkCursor(from, (_, _) => Task.CompletedTask), default);
}
