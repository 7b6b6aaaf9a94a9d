using System.Globalization;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Tags;

public sealed class TagStoreTests
{
    private readonly TestRegistry _test = new(maxPageSize: 3);

    private TagStore Tags => _test.Repository.Tags;

    private Repository As(string actor) => _test.Registry.GetRepository(_test.Repository.Name, ChangeOrigin.Of(actor));

    [Fact]
    public async Task A_tag_points_at_a_manifest_and_can_be_moved()
    {
        var (one, two) = (await PushImageAsync(_test.Repository, "1", "v1"), await PushImageAsync(_test.Repository, "2"));
        Assert.Equal(one.Digest, (await Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        await Tags.PutAsync(Tag.Parse("v1"), two.Digest, default);
        Assert.Equal((two.Digest, two.MediaType, two.Payload.Length), await DescribeAsync("v1"));
        Assert.Equal(two.Payload.ToArray(), (await _test.Repository.Manifests.GetAsync(By("v1"), default))!.Payload.ToArray());
        Assert.NotNull(await _test.Repository.Manifests.FindAsync(By(one.Digest), default));
    }

    [Fact]
    public async Task A_tag_can_point_at_a_large_manifest()
    {
        var small = await BuildImageAsync(_test.Repository, "1");
        foreach (var size in (int[])[64 * 1024, (64 * 1024) + 1, 700 * 1024])
        {
            byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)'\n', size - small.Payload.Length)];
            var manifest = ManifestTypes.Default.Parse(null, payload);
            await _test.Repository.Manifests.PutAsync(manifest, [], default);
            await Tags.PutAsync(Tag.Parse("large"), manifest.Digest, default);
            Assert.True((await _test.Repository.Manifests.GetAsync(By("large"), default))!.Payload.Span.SequenceEqual(payload));
        }
    }

    [Fact]
    public async Task A_tag_cannot_point_at_a_manifest_that_is_not_there()
    {
        var elsewhere = await PushImageAsync(_test.Open("other"), "1", "v1");
        await AssertRefusedAsync(RegistryError.ManifestUnknown, () => Tags.PutAsync(Tag.Parse("v1"), elsewhere.Digest, default));
        Assert.Null(await Tags.FindAsync(Tag.Parse("v1"), default));
    }

    [Fact]
    public async Task Deleting_a_tag_leaves_the_manifest_and_the_other_tags()
    {
        var manifest = await PushImageAsync(_test.Repository, "1", "a", "b");
        Assert.True(await Tags.DeleteAsync(Tag.Parse("a"), default));
        Assert.False(await Tags.DeleteAsync(Tag.Parse("a"), default));
        Assert.Null(await Tags.FindAsync(Tag.Parse("a"), default));
        Assert.Equal(TagsOf("b"), await ListAsync(Tags.ListAsync(default)));
        Assert.NotNull(await _test.Repository.Manifests.FindAsync(By(manifest.Digest), default));
    }

    [Fact]
    public async Task Tags_are_listed_in_ascii_order()
    {
        await PushImageAsync(_test.Repository, "1", "b", "a", "B", "_", "0", "a.b", "a-b", "a_b");
        await PushImageAsync(_test.Open("team/app2"), "1", "elsewhere");
        Assert.Equal(["0", "B", "_", "a", "a-b", "a.b", "a_b", "b"], (await ListAsync(Tags.ListAsync(default))).Select(t => t.ToString()));
        Assert.Empty(await ListAsync(_test.Open("none").Tags.ListAsync(default)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task Pages_make_up_the_list(int count)
    {
        await PushImageAsync(_test.Repository, "1", "a", "b", "c", "d", "e", "f", "g");
        List<string> tags = [];
        var (pages, more) = (0, true);
        for (; more; pages++)
        {
            (var page, more) = await Tags.ListPageAsync(count, tags.LastOrDefault(), default);
            Assert.InRange(page.Count, 1, count);
            tags.AddRange(page.Select(t => t.ToString()));
        }

        Assert.Equal(["a", "b", "c", "d", "e", "f", "g"], tags);
        Assert.Equal((7 + count - 1) / count, pages);
    }

    [Fact]
    public async Task A_page_goes_on_after_a_text_that_is_no_tag()
    {
        await PushImageAsync(_test.Repository, "1", "a", "b", "c");
        Assert.Equal(TagsOf("b"), (await Tags.ListPageAsync(1, "a/", default)).Tags);
        Assert.Equal(TagsOf("a", "b", "c"), (await Tags.ListPageAsync(9, "", default)).Tags);
        Assert.Empty((await Tags.ListPageAsync(9, "\u00e4", default)).Tags);
        Assert.Equal((0, true), await CountAsync(0));
        Assert.Equal((3, false), await CountAsync(1000));

        async Task<(int Count, bool More)> CountAsync(int count)
        {
            var (page, more) = await Tags.ListPageAsync(count, null, default);
            return (page.Count, more);
        }
    }

    [Fact]
    public async Task Tags_of_a_manifest_are_listed()
    {
        var one = await PushImageAsync(_test.Repository, "1", "a", "c", "e", "g");
        var two = await PushImageAsync(_test.Repository, "2", "b", "d");
        await Tags.PutAsync(Tag.Parse("e"), two.Digest, default);
        Assert.Equal(TagsOf("a", "c", "g"), await ListAsync(Tags.ListByDigestAsync(one.Digest, default)));
        Assert.Equal(TagsOf("b", "d", "e"), await ListAsync(Tags.ListByDigestAsync(two.Digest, default)));
        Assert.Empty(await ListAsync(Tags.ListByDigestAsync(Sha256Of([]), default)));
    }

    [Fact]
    public async Task History_tells_every_move_newest_first()
    {
        var start = _test.Time.GetUtcNow();
        var one = await BuildImageAsync(_test.Repository, "1");
        await As("alice").Manifests.PutAsync(one, TagsOf("v1", "v1.0"), default);
        _test.Time.Advance(TimeSpan.FromMinutes(1));
        var two = await PushImageAsync(_test.Repository, "2", "v1");
        _test.Time.Advance(TimeSpan.FromTicks(1));
        await As("bob").Tags.PutAsync(Tag.Parse("v1"), one.Digest, default);
        await Tags.DeleteAsync(Tag.Parse("v1"), default);

        var moves = await ListAsync(Tags.ListHistoryAsync(Tag.Parse("v1"), default));
        Assert.Equal([one.Digest, two.Digest, one.Digest], moves.Select(m => m.Target.Digest));
        Assert.Equal(["bob", null, "alice"], moves.Select(m => m.Actor));
        Assert.Equal([start + TimeSpan.FromMinutes(1) + TimeSpan.FromTicks(1), start + TimeSpan.FromMinutes(1), start], moves.Select(m => m.Time));
        Assert.Single(await ListAsync(Tags.ListHistoryAsync(Tag.Parse("v1.0"), default)));
        Assert.Empty(await ListAsync(Tags.ListHistoryAsync(Tag.Parse("v"), default)));
    }

    private async Task<(Digest Digest, string MediaType, int Size)> DescribeAsync(string tag)
    {
        var target = await Tags.FindAsync(Tag.Parse(tag), default);
        return (target!.Digest, target.MediaType, (int)target.Size);
    }

    [Fact]
    public async Task A_page_can_be_as_large_as_a_number_can()
    {
        await PushImageAsync(_test.Repository, "1", "a", "b");
        Assert.Equal(2, (await _test.Repository.Tags.ListPageAsync(int.MaxValue, null, default)).Tags.Count);
    }

    [Fact]
    public async Task History_is_bounded_and_old_moves_are_dropped_in_turn()
    {
        var test = new TestRegistry(new RegistryOptions { TagHistoryLength = 5 });
        List<Digest> pushed = [];
        for (var i = 0; i < 40; i++)
        {
            pushed.Add((await PushImageAsync(test.Repository, i.ToString(CultureInfo.InvariantCulture), "v1")).Digest);
            test.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        pushed.Reverse();
        Assert.Equal(pushed.Take(5), (await ListAsync(test.Repository.Tags.ListHistoryAsync(Tag.Parse("v1"), default))).Select(m => m.Target.Digest));
        var rows = test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(test.Repository.Name), TableKeys.HistoryPrefix(Tag.Parse("v1"))), default);
        Assert.InRange((await ListAsync(rows)).Count, 5, 5 + 16);
    }

    [Fact]
    public async Task A_deleted_tag_is_put_back_from_its_history()
    {
        var image = await PushImageAsync(_test.Repository, "1", "v1");
        await Tags.DeleteAsync(Tag.Parse("v1"), default);
        var last = (await ListAsync(Tags.ListHistoryAsync(Tag.Parse("v1"), default)))[0];
        await Tags.PutAsync(Tag.Parse("v1"), last.Target.Digest, default);
        Assert.Equal(image.Digest, (await Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
    }
}
