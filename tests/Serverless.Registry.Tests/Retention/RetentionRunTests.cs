using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Retention;

public sealed class RetentionRunTests : RetentionTest
{
    [Fact]
    public async Task The_newest_tags_stay()
    {
        await TagAsync("c", "a", "d", "b", "e");
        Assert.Equal(["c", "a", "d"], await ApplyAsync(new RetentionRule { KeepNewest = 2 }));
        Assert.Equal(["b", "e"], await TagsAsync());
        Assert.Empty(await ApplyAsync(new RetentionRule { KeepNewest = 2 }));
    }

    [Fact]
    public async Task A_tag_that_is_pushed_again_is_new()
    {
        await TagAsync("a", "b", "a");
        Assert.Equal(["b"], await ApplyAsync(new RetentionRule { KeepNewest = 1 }));
    }

    [Fact]
    public async Task Tags_that_are_too_old_go()
    {
        await TagAsync("a", "b", "c");
        Assert.Equal(["a"], await ApplyAsync(new RetentionRule { OlderThan = TimeSpan.FromHours(2) }));
        Test.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["b"], await ApplyAsync(new RetentionRule { OlderThan = TimeSpan.FromHours(2) }));
        Assert.Equal(["c"], await TagsAsync());
    }

    [Fact]
    public async Task Both_conditions_must_hold()
    {
        await TagAsync("a", "b", "c");
        var rule = new RetentionRule { KeepNewest = 2, OlderThan = TimeSpan.FromHours(4) };
        Assert.Empty(await ApplyAsync(rule));
        Test.Time.Advance(TimeSpan.FromHours(10));
        Assert.Equal(["a"], await ApplyAsync(rule));
    }

    [Fact]
    public async Task Only_tags_that_the_expression_fits_are_counted_and_go()
    {
        await TagAsync("pr-1", "v1", "pr-2", "v2", "pr-3");
        Assert.Equal(["pr-1", "pr-2"], await ApplyAsync(new RetentionRule { Tags = "pr-[0-9]+", KeepNewest = 1 }));
        Assert.Equal(["pr-3", "v1", "v2"], await TagsAsync());
    }

    [Fact]
    public async Task Exceptions_stay_whatever_another_rule_says_and_do_not_count()
    {
        await TagAsync("a", "b", "latest", "stable");
        Assert.Equal(["a"], await ApplyAsync(new RetentionRule { KeepNewest = 1 }, new RetentionRule { Tags = "none", KeepNewest = 1, Except = ["latest|stable"] }));
        Assert.Equal(["b", "latest", "stable"], await TagsAsync());
    }

    [Fact]
    public async Task The_first_rule_that_fits_a_tag_decides()
    {
        await TagAsync("v1", "pr-1", "v2", "pr-2");
        Assert.Equal(["pr-1", "pr-2"], await ApplyAsync(
            new RetentionRule { Tags = "v.*", KeepNewest = 2 },
            new RetentionRule { OlderThan = TimeSpan.FromMinutes(1) }));
        Assert.Equal(["v1", "v2"], await TagsAsync());
    }

    [Fact]
    public async Task Tags_of_one_push_are_told_apart_by_name()
    {
        await TestRegistry.PushImageAsync(Repository, "1", "a", "b", "c");
        Assert.Equal(["a", "b"], await ApplyAsync(new RetentionRule { KeepNewest = 1 }));
    }

    [Fact]
    public async Task Only_repositories_of_the_pattern_are_looked_at()
    {
        await TagAsync("a", "b");
        foreach (var name in (string[])["other", "team/web"]) await TestRegistry.PushImageAsync(Test.Open(name), "1", "a", "b");
        var summary = await Test.Registry.Retention.ApplyAsync([new RetentionRule { Repositories = "team/*", KeepNewest = 1 }], false, null, default);
        Assert.Equal((2, 4, 2, 0), (summary.Repositories, summary.Tags, summary.Deleted, summary.Moved));
        Assert.Equal(2, (await TestRegistry.ListAsync(Test.Open("other").Tags.ListAsync(default))).Count);
    }

    [Fact]
    public async Task Repositories_outside_the_scope_are_not_looked_at()
    {
        await TagAsync("a", "b");
        await TestRegistry.PushImageAsync(Test.Open("other/app"), "1", "a", "b");
        var scoped = new ContainerRegistry(Test.Tables, Test.Objects, Test.Options with { Scope = RegistryScope.Below(RepositoryName.Parse("other")) }, Test.Time);
        var summary = await scoped.Retention.ApplyAsync([new RetentionRule { KeepNewest = 1 }], false, null, default);
        Assert.Equal((1, 1), (summary.Repositories, summary.Deleted));
        Assert.Equal(["a", "b"], await TagsAsync());
    }

    [Fact]
    public async Task More_tags_than_a_batch_takes_go_all()
    {
        await TagAsync([.. Enumerable.Range(0, 230).Select(i => $"pr-{i}")]);
        Assert.Equal(229, (await ApplyAsync(new RetentionRule { KeepNewest = 1 })).Count);
        Assert.Equal(["pr-229"], await TagsAsync());
    }

    [Fact]
    public async Task Without_rules_nothing_is_done()
    {
        await TagAsync("a");
        Assert.Empty(await ApplyAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => ApplyAsync(new RetentionRule()));
    }

    [Fact]
    public async Task A_row_that_makes_no_sense_is_left_alone()
    {
        await TagAsync("a", "b");
        var broken = TableKeys.Tag(Repository.Name, Tag.Parse("0"));
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Insert(broken, new Dictionary<string, object>()), default);
        Assert.Equal(["a"], await ApplyAsync(new RetentionRule { KeepNewest = 1 }));
        Assert.NotNull(await Test.Tables.FindAsync(TableKeys.RegistryTable, broken, default));
    }

    [Fact]
    public async Task The_manifest_of_a_retired_tag_is_left_to_the_collector()
    {
        var image = await TestRegistry.PushImageAsync(Repository, "1", "a");
        await TagAsync("b");
        Test.Time.Advance(Test.Options.Grace);
        await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        Assert.Equal(["a"], await ApplyAsync(new RetentionRule { Tags = "a", OlderThan = TimeSpan.FromHours(1) }));
        Assert.NotNull(await Repository.Manifests.FindAsync(TestRegistry.By(image.Digest), default));
        // Retention has queued it: without that nobody would look.
        Assert.NotNull(await Test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(Repository.Name), default));
    }
}
