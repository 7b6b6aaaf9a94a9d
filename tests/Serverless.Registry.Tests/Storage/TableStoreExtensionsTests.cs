using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class TableStoreExtensionsTests
{
    private static readonly RowQuery s_query = RowQuery.Prefix("p", "");

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 0)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    [InlineData(5, 3)]
    [InlineData(5, 4)]
    [InlineData(5, 5)]
    [InlineData(5, 6)]
    [InlineData(5, 100)]
    [InlineData(6, 3)]
    [InlineData(6, 5)]
    [InlineData(6, 6)]
    [InlineData(7, 6)]
    [InlineData(7, 7)]
    [InlineData(7, 8)]
    public async Task Take_gives_so_many_rows_and_says_if_there_are_more(int rows, int count)
    {
        foreach (var pageSize in (int[])[1, 3, 1000])
        {
            var store = await FilledAsync(rows, pageSize);
            var (taken, more) = await store.TakeAsync("t", s_query, count, default);
            Assert.Equal(Names(0, Math.Min(count, rows)), taken.Select(r => r.Key.Row));
            Assert.Equal(rows > count, more);
        }
    }

    [Fact]
    public async Task Take_gives_more_rows_than_storage_has_in_a_page()
    {
        var store = await FilledAsync(1102, RowQuery.MaxPageSize);
        var (taken, more) = await store.TakeAsync("t", s_query, 1100, default);
        Assert.Equal((1100, true), (taken.Count, more));
        (taken, more) = await store.TakeAsync("t", s_query, 1102, default);
        Assert.Equal((1102, false), (taken.Count, more));
    }

    [Fact]
    public async Task List_reads_all_pages()
    {
        foreach (var count in (int[])[0, 1, 2, 3, 4, 6, 7])
        {
            List<string> listed = [];
            await foreach (var row in (await FilledAsync(count, 3)).ListAsync("t", s_query, default)) listed.Add(row.Key.Row);
            Assert.Equal(Names(0, count), listed);
        }
    }

    [Fact]
    public async Task List_sees_no_row_twice_when_rows_go_and_come_meanwhile()
    {
        var store = await FilledAsync(6, 3);
        List<string> listed = [];
        await foreach (var row in store.ListAsync("t", s_query, default))
        {
            listed.Add(row.Key.Row);
            if (listed.Count == 1)
            {
                await store.WriteAsync("t", new RowWrite.Delete(new RowKey("p", "r0003"), "*"), default);
                await store.WriteAsync("t", RowWrite.Note(new RowKey("p", "a")), default);
            }
        }

        Assert.Equal(["r0000", "r0001", "r0002", "r0004", "r0005"], listed);
    }

    private static async Task<InMemoryTableStore> FilledAsync(int count, int pageSize)
    {
        var store = new InMemoryTableStore(new FakeTimeProvider()) { MaxPageSize = pageSize };
        foreach (var name in Names(0, count)) await store.WriteAsync("t", RowWrite.Note(new RowKey("p", name)), default);
        return store;
    }

    private static IEnumerable<string> Names(int from, int count) =>
        Enumerable.Range(from, count).Select(i => "r" + i.ToString("d4", CultureInfo.InvariantCulture));
}
