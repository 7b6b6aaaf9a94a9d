using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class RowQueryTests
{
    private readonly InMemoryTableStore _store = new(new FakeTimeProvider());

    [Fact]
    public async Task A_prefix_holds_the_rows_that_start_with_it_and_no_others()
    {
        await PutAsync("s:z", "t", "t:", "t:a", "t:~", "u:a", "T:a");
        Assert.Equal(["t:", "t:a", "t:~"], await RowsAsync(RowQuery.Prefix("p", "t:")));
        Assert.Equal(["T:a", "s:z", "t", "t:", "t:a", "t:~", "u:a"], await RowsAsync(RowQuery.Prefix("p", "")));
    }

    [Fact]
    public async Task A_list_goes_on_after_the_last_row_seen_whether_or_not_it_is_there()
    {
        await PutAsync("s:z", "t:a", "t:a.b", "t:ab", "t:b", "u:a");
        Assert.Equal(["t:a", "t:a.b", "t:ab", "t:b"], await RowsAsync(RowQuery.PrefixAfter("p", "t:", null)));
        Assert.Equal(["t:a", "t:a.b", "t:ab", "t:b"], await RowsAsync(RowQuery.PrefixAfter("p", "t:", "")));
        Assert.Equal(["t:a.b", "t:ab", "t:b"], await RowsAsync(RowQuery.PrefixAfter("p", "t:", "a")));
        Assert.Equal(["t:b"], await RowsAsync(RowQuery.PrefixAfter("p", "t:", "ac")));
        Assert.Equal([], await RowsAsync(RowQuery.PrefixAfter("p", "t:", "b")));
        Assert.Equal([], await RowsAsync(RowQuery.PrefixAfter("p", "t:", "\uffff")));
    }

    [Fact]
    public async Task All_partitions_are_read_in_order()
    {
        await _store.WriteAsync("t", RowWrite.Note(new RowKey("b", "!")), default);
        await _store.WriteAsync("t", RowWrite.Note(new RowKey("a", "!")), default);
        await _store.WriteAsync("t", RowWrite.Note(new RowKey("a", "x")), default);
        List<string> partitions = [];
        await foreach (var row in _store.ListAsync("t", RowQuery.Prefix(null, "!"), default)) partitions.Add(row.Key.Partition);
        Assert.Equal(["a", "b"], partitions);
    }

    [Fact]
    public void What_comes_after_a_text_is_what_is_greater_than_it()
    {
        var text = Gen.Elements("aZ09_.-".ToCharArray()).ListOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), text.ToArbitrary(), (row, last) =>
        {
            var query = RowQuery.PrefixAfter("p", "t:", last);
            var key = "t:" + row;
            var inside = string.CompareOrdinal(key, query.From) >= 0 && string.CompareOrdinal(key, query.To) < 0;
            return inside == string.CompareOrdinal(row, last) > 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private async Task PutAsync(params string[] rows)
    {
        foreach (var row in rows) await _store.WriteAsync("t", RowWrite.Note(new RowKey("p", row)), default);
    }

    private async Task<List<string>> RowsAsync(RowQuery query)
    {
        List<string> rows = [];
        await foreach (var row in _store.ListAsync("t", query, default)) rows.Add(row.Key.Row);
        return rows;
    }
}
