using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Testing;

/// <summary>What every <see cref="ITableStore"/> must do. Each store's tests inherit it.</summary>
public abstract class TableStoreContract
{
    private const string Table = "contract";
    private static readonly RowKey s_row = new("p", "r");

    protected abstract ITableStore Store { get; }

    [Fact]
    public async Task A_row_of_a_table_that_does_not_exist_is_absent()
    {
        Assert.Null(await Store.FindAsync("fresh1", s_row, default));
        Assert.Empty((await Store.QueryAsync("fresh2", RowQuery.Prefix("p", ""), null, default)).Rows);
        Assert.Equal(WriteOutcome.NotFound, (await Store.WriteAsync("fresh3", new RowWrite.Touch(s_row), default)).Outcome);
        Assert.True((await Store.WriteAsync("fresh4", [new RowWrite.Insert(s_row, Text("a"))], default)).Done);
    }

    [Fact]
    public async Task A_page_tells_the_time_by_which_rows_are_dated()
    {
        await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("a")), default);
        var page = await Store.QueryAsync(Table, RowQuery.Prefix("p", ""), null, default);
        Assert.InRange(page.Time - Assert.Single(page.Rows).Timestamp, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(30));
        var empty = await Store.QueryAsync(Table, RowQuery.Prefix("nothing", ""), null, default);
        Assert.InRange(empty.Time - page.Time, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_row_comes_back_with_its_properties_etag_and_time()
    {
        var properties = new Dictionary<string, object>
        {
            ["text"] = "ä 'quoted' \" \\ \n",
            ["empty"] = "",
            ["int"] = 42,
            ["long"] = 1L << 40,
            ["flag"] = true,
            ["bytes"] = new byte[] { 0, 1, 255 },
            ["none"] = Array.Empty<byte>(),
        };
        var written = await Store.WriteAsync(Table, new RowWrite.Insert(s_row, properties), default);
        var row = await Store.FindAsync(Table, s_row, default);
        Assert.NotNull(row);
        Assert.Equal(properties.Keys.Order(), row.Properties.Keys.Order());
        Assert.All(properties, p => Assert.Equal(p.Value, row.Properties[p.Key]));
        Assert.Equal(written.ETag, row.ETag);
        Assert.InRange(row.Timestamp, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task An_insert_over_a_row_changes_nothing()
    {
        await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("old")), default);
        Assert.Equal(WriteOutcome.Exists, (await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("new")), default)).Outcome);
        Assert.Equal("old", await ReadTextAsync());
    }

    [Fact]
    public async Task An_upsert_replaces_and_a_merging_one_adds()
    {
        await Store.WriteAsync(Table, new RowWrite.Upsert(s_row, new Dictionary<string, object> { ["text"] = "a", ["other"] = "b" }), default);
        await Store.WriteAsync(Table, new RowWrite.UpsertMerge(s_row, Text("c")), default);
        var merged = await Store.FindAsync(Table, s_row, default);
        Assert.Equal(("c", "b"), (merged!.FindString("text"), merged.FindString("other")));
        await Store.WriteAsync(Table, new RowWrite.Upsert(s_row, Text("d")), default);
        Assert.Equal("d", Assert.Single((await Store.FindAsync(Table, s_row, default))!.Properties).Value);
    }

    [Fact]
    public async Task A_note_makes_an_empty_row_and_leaves_the_properties_of_one_that_is_there()
    {
        await Store.WriteAsync(Table, RowWrite.Note(s_row), default);
        var empty = await Store.FindAsync(Table, s_row, default);
        Assert.Empty(empty!.Properties);
        await Store.WriteAsync(Table, new RowWrite.Upsert(s_row, Text("a")), default);
        await Store.WriteAsync(Table, RowWrite.Note(s_row), default);
        Assert.Equal("a", await ReadTextAsync());
    }

    [Fact]
    public async Task A_replace_needs_the_etag_it_names()
    {
        Assert.Equal(WriteOutcome.NotFound, (await Store.WriteAsync(Table, new RowWrite.Replace(s_row, Text("a"), "*"), default)).Outcome);
        var first = await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("a")), default);
        var second = await Store.WriteAsync(Table, new RowWrite.Replace(s_row, Text("b"), first.ETag!), default);
        Assert.True(second.Done);
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(WriteOutcome.ETagMismatch, (await Store.WriteAsync(Table, new RowWrite.Replace(s_row, Text("c"), first.ETag!), default)).Outcome);
        Assert.Equal("b", await ReadTextAsync());
    }

    [Fact]
    public async Task A_merge_adds_to_the_version_that_was_seen()
    {
        Assert.Equal(WriteOutcome.NotFound, (await Store.WriteAsync(Table, new RowWrite.Merge(s_row, Text("new"), "*"), default)).Outcome);
        await Store.WriteAsync(Table, new RowWrite.Insert(s_row, new Dictionary<string, object> { ["kept"] = "k" }), default);
        var seen = (await Store.FindAsync(Table, s_row, default))!;
        var merged = await Store.WriteAsync(Table, new RowWrite.Merge(s_row, Text("new"), seen.ETag), default);
        Assert.True(merged.Done);
        Assert.Equal(WriteOutcome.ETagMismatch, (await Store.WriteAsync(Table, new RowWrite.Merge(s_row, Text("late"), seen.ETag), default)).Outcome);
        var row = (await Store.FindAsync(Table, s_row, default))!;
        Assert.Equal(("k", merged.ETag), (row.GetString("kept"), row.ETag));
        Assert.Equal(Text("new").Single(), row.Properties.Single(p => p.Key != "kept"));
    }

    [Fact]
    public async Task A_touch_makes_a_row_younger_and_keeps_its_properties()
    {
        await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("a")), default);
        var before = await Store.FindAsync(Table, s_row, default);
        await PassTimeAsync();
        Assert.True((await Store.WriteAsync(Table, new RowWrite.Touch(s_row), default)).Done);
        var after = await Store.FindAsync(Table, s_row, default);
        Assert.True(after!.Timestamp > before!.Timestamp);
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.Equal("a", Assert.Single(after.Properties).Value);
        Assert.Equal(WriteOutcome.ETagMismatch, (await Store.WriteAsync(Table, new RowWrite.Touch(s_row, before.ETag), default)).Outcome);
    }

    [Fact]
    public async Task A_touch_never_makes_a_row()
    {
        Assert.Equal(WriteOutcome.NotFound, (await Store.WriteAsync(Table, new RowWrite.Touch(s_row), default)).Outcome);
        Assert.Null(await Store.FindAsync(Table, s_row, default));
    }

    [Fact]
    public async Task A_delete_needs_the_etag_it_names()
    {
        Assert.Equal(WriteOutcome.NotFound, (await Store.WriteAsync(Table, new RowWrite.Delete(s_row, "*"), default)).Outcome);
        var first = await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("a")), default);
        await Store.WriteAsync(Table, new RowWrite.Touch(s_row), default);
        Assert.Equal(WriteOutcome.ETagMismatch, (await Store.WriteAsync(Table, new RowWrite.Delete(s_row, first.ETag!), default)).Outcome);
        Assert.True((await Store.WriteAsync(Table, new RowWrite.Delete(s_row, "*"), default)).Done);
        Assert.Null(await Store.FindAsync(Table, s_row, default));
    }

    [Fact]
    public async Task A_batch_applies_all_or_nothing_and_names_the_first_that_failed()
    {
        RowKey a = new("p", "a"), b = new("p", "b"), c = new("p", "c");
        Assert.True((await Store.WriteAsync(Table, [new RowWrite.Insert(a, Text("1")), new RowWrite.Upsert(b, Text("2")), RowWrite.Note(c)], default)).Done);
        var stale = (await Store.FindAsync(Table, b, default))!.ETag;
        await Store.WriteAsync(Table, new RowWrite.Touch(b), default);

        await RefusedAsync(WriteOutcome.Exists, 1, new RowWrite.Touch(c), new RowWrite.Insert(a, Text("x")));
        await RefusedAsync(WriteOutcome.NotFound, 1, new RowWrite.Upsert(a, Text("x")), new RowWrite.Touch(new("p", "none")));
        await RefusedAsync(WriteOutcome.NotFound, 1, new RowWrite.Upsert(a, Text("x")), new RowWrite.Delete(new("p", "none"), "*"));
        await RefusedAsync(WriteOutcome.ETagMismatch, 2, new RowWrite.Upsert(a, Text("x")), new RowWrite.Touch(c), new RowWrite.Delete(b, stale));
        await RefusedAsync(WriteOutcome.ETagMismatch, 1, new RowWrite.Upsert(a, Text("x")), new RowWrite.Replace(b, Text("x"), stale));
        await RefusedAsync(WriteOutcome.ETagMismatch, 0, new RowWrite.Touch(b, stale), new RowWrite.Upsert(a, Text("x")));

        var fresh = (await Store.FindAsync(Table, b, default))!.ETag;
        Assert.True((await Store.WriteAsync(Table, [new RowWrite.Delete(a, "*"), new RowWrite.Replace(b, Text("3"), fresh), new RowWrite.Touch(c)], default)).Done);
        Assert.Null(await Store.FindAsync(Table, a, default));
        Assert.Equal("3", (await Store.FindAsync(Table, b, default))!.GetString("text"));

        async Task RefusedAsync(WriteOutcome outcome, int failed, params RowWrite[] batch)
        {
            Assert.Equal(new BatchResult(outcome, failed), await Store.WriteAsync(Table, batch, default));
            Assert.Equal("1", (await Store.FindAsync(Table, a, default))!.GetString("text"));
        }
    }

    [Fact]
    public async Task Batches_that_overlap_are_applied_one_after_another()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Store.WriteAsync(
            Table, [new RowWrite.Upsert(s_row, Text($"{i}")), new RowWrite.Insert(new("p", $"own{i:d2}"), Text("x"))], default)));
        Assert.All(results, r => Assert.True(r.Done));
        Assert.Equal(21, (await Store.QueryAsync(Table, RowQuery.Prefix("p", ""), null, default)).Rows.Count);
    }

    [Fact]
    public async Task Of_many_replaces_under_one_etag_one_is_applied()
    {
        var first = await Store.WriteAsync(Table, new RowWrite.Insert(s_row, Text("a")), default);
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Store.WriteAsync(Table, new RowWrite.Replace(s_row, Text($"{i}"), first.ETag!), default)));
        Assert.Single(results, r => r.Done);
        Assert.Equal(19, results.Count(r => r.Outcome == WriteOutcome.ETagMismatch));
    }

    [Fact]
    public async Task A_query_returns_a_range_in_ordinal_order()
    {
        string[] names = ["!", "Z", "_", "a", "a,b", "a-b", "a.b", "b", "m:1", "m:2", "n:1"];
        foreach (var name in names.Reverse()) await Store.WriteAsync(Table, new RowWrite.Insert(new("order", name), Text(name)), default);
        await Store.WriteAsync(Table, new RowWrite.Insert(new("other", "m:3"), Text("x")), default);
        Assert.Equal(names, await KeysAsync(RowQuery.Prefix("order", "")));
        Assert.Equal(["m:1", "m:2"], await KeysAsync(RowQuery.Prefix("order", "m:")));
        Assert.Equal(["m:2"], await KeysAsync(RowQuery.PrefixAfter("order", "m:", "1")));
        Assert.Equal(["m:1", "m:2"], await KeysAsync(RowQuery.PrefixAfter("order", "m:", "'")));
        Assert.Equal(["a,b", "a-b", "a.b", "b"], (await KeysAsync(RowQuery.PrefixAfter("order", "", "a"))).Take(4));
        Assert.Equal(["m:1", "m:2", "m:3"], await KeysAsync(RowQuery.Prefix(null, "m:")));
    }

    [Fact]
    public async Task A_query_returns_a_range_of_partitions_in_order()
    {
        RowKey[] keys = [new("q:a", "1"), new("q:a", "2"), new("q:a.", "1"), new("q:a.", "3"), new("q:b", "2"), new("q:c'", "4"), new("r", "2")];
        foreach (var key in keys.Reverse()) await Store.WriteAsync(Table, new RowWrite.Insert(key, Text("x")), default);
        var all = RowQuery.Partitions("q:");
        Assert.Equal(keys[..6], await RowsAsync(all));
        Assert.Equal(keys[2..6], await RowsAsync(all with { FirstPartition = "q:a!" }));
        Assert.Equal(keys[5..6], await RowsAsync(all with { FirstPartition = "q:c'" }));
        Assert.Equal(keys[..4], await RowsAsync(all with { EndPartition = "q:b" }));
        Assert.Equal(keys[4..], await RowsAsync(all with { FirstPartition = "q:b", EndPartition = null }));
        Assert.Equal([keys[1], keys[3], keys[4], keys[5]], await RowsAsync(all.After("1")));
        Assert.Empty(await RowsAsync(all with { FirstPartition = "q:x" }));
        foreach (var size in (int[])[1, 2, 3]) Assert.Equal(keys[..6], await RowsAsync(all with { PageSize = size }));
    }

    [Fact]
    public async Task A_query_goes_on_where_the_page_before_ended()
    {
        for (var i = 0; i < 25; i++) await Store.WriteAsync(Table, new RowWrite.Insert(new("pages", $"{i:d3}"), Text("x")), default);
        List<string> seen = [];
        string? continuation = null;
        var pages = 0;
        do
        {
            var page = await Store.QueryAsync(Table, RowQuery.Prefix("pages", "") with { PageSize = 10 }, continuation, default);
            Assert.InRange(page.Rows.Count, 0, 10);
            seen.AddRange(page.Rows.Select(r => r.Key.Row));
            continuation = page.Continuation;
            pages++;
        }
        while (continuation is not null);

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i:d3}"), seen);
        Assert.True(pages >= 3);
    }

    [Fact]
    public async Task A_query_reads_only_what_it_selects_and_always_etag_and_time()
    {
        await Store.WriteAsync(Table, new RowWrite.Insert(s_row, new Dictionary<string, object> { ["text"] = "a", ["big"] = new byte[1000] }), default);
        var whole = await Store.FindAsync(Table, s_row, default);
        var row = Assert.Single((await Store.QueryAsync(Table, RowQuery.Prefix("p", "r") with { Select = ["text"] }, null, default)).Rows);
        Assert.Equal("text", Assert.Single(row.Properties).Key);
        Assert.Equal((whole!.ETag, whole.Timestamp), (row.ETag, row.Timestamp));
    }

    [Fact]
    public async Task A_row_holds_close_to_a_mebibyte()
    {
        var properties = new Dictionary<string, object>();
        for (var i = 0; i < 11; i++) properties.Add($"p{i}", Enumerable.Repeat((byte)i, TableLimits.PropertySize).ToArray());
        Assert.True((await Store.WriteAsync(Table, [new RowWrite.Upsert(s_row, properties)], default)).Done);
        Assert.Equal(11 * TableLimits.PropertySize, (await Store.FindAsync(Table, s_row, default))!.Properties.Values.Sum(v => ((byte[])v).Length));
    }

    [Fact]
    public async Task What_is_beyond_the_limits_is_refused_before_it_is_written()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(Table, new("p", "a/b"), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(Table, new("p", new string('a', 513)), default));
        await WriteFailsAsync(new RowWrite.Upsert(s_row, new Dictionary<string, object> { ["big"] = new byte[TableLimits.PropertySize + 1] }));
        await WriteFailsAsync(new RowWrite.Upsert(s_row, Enumerable.Range(0, 12).ToDictionary(i => $"p{i}", object (_) => new byte[TableLimits.PropertySize])));
        await WriteFailsAsync(new RowWrite.Upsert(s_row, new Dictionary<string, object> { ["odd"] = 1.5 }));
        await BatchFailsAsync();
        await BatchFailsAsync(RowWrite.Note(s_row), new RowWrite.Touch(s_row));
        await BatchFailsAsync(RowWrite.Note(s_row), RowWrite.Note(new("q", "r")));
        await BatchFailsAsync([.. Enumerable.Range(0, 101).Select(i => RowWrite.Note(new("p", $"{i}")))]);
        Assert.Null(await Store.FindAsync(Table, s_row, default));

        Task WriteFailsAsync(RowWrite write) => Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync(Table, write, default));
        Task BatchFailsAsync(params RowWrite[] batch) => Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync(Table, batch, default));
    }

    [Fact]
    public async Task A_cancelled_call_says_so()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.FindAsync(Table, s_row, new CancellationToken(true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(Table, RowWrite.Note(s_row), new CancellationToken(true)));
    }

    /// <summary>Lets the store's clock move on.</summary>
    protected virtual Task PassTimeAsync() => Task.Delay(20);

    private static Dictionary<string, object> Text(string text) => new() { ["text"] = text };

    private async Task<string> ReadTextAsync() => (await Store.FindAsync(Table, s_row, default))!.GetString("text");

    private async Task<List<RowKey>> RowsAsync(RowQuery query)
    {
        List<RowKey> keys = [];
        await foreach (var row in Store.ListAsync(Table, query, default)) keys.Add(row.Key);
        return keys;
    }

    private async Task<List<string>> KeysAsync(RowQuery query)
    {
        List<string> keys = [];
        await foreach (var row in Store.ListAsync(Table, query, default)) keys.Add(row.Key.Row);
        return keys;
    }
}
