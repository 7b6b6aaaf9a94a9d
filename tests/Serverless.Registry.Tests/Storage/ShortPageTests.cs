using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

/// <summary>Storage may hand out pages that are shorter than asked for.</summary>
public sealed class ShortPageTests
{
    private readonly InMemoryTableStore _store = new(new FakeTimeProvider()) { MaxPageSize = 3 };

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(3, 3, true)]
    [InlineData(4, 4, true)]
    [InlineData(9, 9, true)]
    [InlineData(10, 10, false)]
    [InlineData(11, 10, false)]
    [InlineData(5000, 10, false)]
    public async Task Take_goes_on_until_it_has_what_was_asked_for(int count, int expected, bool more)
    {
        await FillAsync(10);
        var (rows, hasMore) = await _store.TakeAsync("t", RowQuery.Prefix("p", ""), count, default);
        Assert.Equal(Enumerable.Range(0, expected).Select(i => $"r{i:d2}"), rows.Select(r => r.Key.Row));
        Assert.Equal(more, hasMore);
    }

    [Fact]
    public async Task A_list_is_whole_even_when_rows_come_and_go_between_its_pages()
    {
        await FillAsync(10);
        List<string> seen = [];
        await foreach (var row in _store.ListAsync("t", RowQuery.Prefix("p", ""), default))
        {
            seen.Add(row.Key.Row);
            if (row.Key.Row == "r02") await _store.WriteAsync("t", new RowWrite.Delete(new("p", "r03"), "*"), default);
        }

        Assert.Equal(["r00", "r01", "r02", "r04", "r05", "r06", "r07", "r08", "r09"], seen);
    }

    private async Task FillAsync(int count)
    {
        for (var i = 0; i < count; i++) await _store.WriteAsync("t", RowWrite.Note(new("p", $"r{i:d2}")), default);
    }
}
