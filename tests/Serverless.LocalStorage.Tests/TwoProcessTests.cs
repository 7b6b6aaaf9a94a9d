using System.Buffers;
using System.Text;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.LocalStorage.Tests;

/// <summary>One folder that two have open, each as a process of its own would.</summary>
public sealed class TwoProcessTests : IDisposable
{
    private const string Table = "table";

    private readonly LocalFolder _folder = new();
    private readonly LocalStores _first;
    private readonly LocalStores _second;

    public TwoProcessTests() => (_first, _second) = (_folder.Stores, _folder.Open());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_one_writes_the_other_reads()
    {
        var written = await _first.Tables.WriteAsync(Table, new RowWrite.Insert(new("p", "r"), Number(1)), default);
        var read = await _second.Tables.FindAsync(Table, new("p", "r"), default);
        Assert.Equal((written.ETag, 1), (read!.ETag, (int)read.Properties["n"]));
        await _first.Objects.PutAsync("data/a", Bytes("hello"), default);
        Assert.Equal("hello", await ReadAsync(_second, "data/a"));
        Assert.Equal(await _first.Objects.FindAsync("data/a", default), await _second.Objects.FindAsync("data/a", default));
    }

    [Fact]
    public async Task Of_overlapping_batches_each_is_applied_whole_or_not_at_all()
    {
        // Every batch inserts a row of its own and the same row as all others.
        async Task<int> InsertAsync(LocalStores stores, int batch)
        {
            List<RowWrite> writes = [.. Enumerable.Range(0, 10).Select(i => new RowWrite.Insert(new("p", $"{batch:d3}:{i}"), Number(i))), new RowWrite.Insert(new("p", $"shared:{batch / 4}"), Number(batch))];
            return (await stores.Tables.WriteAsync(Table, writes, default)).Done ? 1 : 0;
        }

        var done = await Task.WhenAll(Enumerable.Range(0, 80).Select(batch => Task.Run(() => InsertAsync(batch % 2 == 0 ? _first : _second, batch))));
        Assert.Equal(20, done.Sum());
        var rows = (await _first.Tables.QueryAsync(Table, RowQuery.Prefix("p", ""), null, default)).Rows;
        Assert.Equal(20 * 11, rows.Count);
        foreach (var shared in rows.Where(r => r.Key.Row.StartsWith("shared", StringComparison.Ordinal)))
        {
            Assert.Equal(10, rows.Count(r => r.Key.Row.StartsWith($"{shared.Properties["n"]:d3}:", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Of_those_who_replace_one_version_one_wins_each_time()
    {
        RowKey key = new("p", "counter");
        await _first.Tables.WriteAsync(Table, new RowWrite.Insert(key, Number(0)), default);
        async Task CountAsync(LocalStores stores)
        {
            for (var i = 0; i < 25;)
            {
                var row = (await stores.Tables.FindAsync(Table, key, default))!;
                if ((await stores.Tables.WriteAsync(Table, new RowWrite.Replace(key, Number((int)row.Properties["n"] + 1), row.ETag), default)).Done) i++;
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => CountAsync(i % 2 == 0 ? _first : _second))));
        Assert.Equal(100, (int)(await _second.Tables.FindAsync(Table, key, default))!.Properties["n"]);
    }

    [Fact]
    public async Task Rows_are_dated_in_the_order_in_which_they_are_written()
    {
        var last = DateTimeOffset.MinValue;
        for (var i = 0; i < 20; i++)
        {
            var stores = i % 2 == 0 ? _first : _second;
            await stores.Tables.WriteAsync(Table, RowWrite.Note(new("p", $"{i}")), default);
            var row = (await stores.Tables.FindAsync(Table, new("p", $"{i}"), default))!;
            Assert.True(row.Timestamp >= last);
            last = row.Timestamp;
        }
    }

    [Fact]
    public async Task Of_those_who_delete_or_replace_one_version_of_an_object_one_wins()
    {
        await _first.Objects.PutAsync("data/new", Bytes("new bytes"), default);
        for (var round = 0; round < 10; round++)
        {
            var name = $"data/{round}";
            await _first.Objects.PutAsync(name, Bytes("old"), default);
            var etag = (await _second.Objects.FindAsync(name, default))!.ETag;
            Task<WriteOutcome>[] calls =
            [
                Task.Run(() => _first.Objects.DeleteAsync(name, etag, default)),
                Task.Run(() => _second.Objects.CopyAsync("data/new", 9, name, etag, default)),
                Task.Run(() => _first.Objects.CopyAsync("data/new", 9, name, etag, default)),
                Task.Run(() => _second.Objects.DeleteAsync(name, etag, default)),
            ];
            var outcomes = await Task.WhenAll(calls);
            var winner = Assert.Single(Enumerable.Range(0, 4), i => outcomes[i] == WriteOutcome.Done);
            if (winner is 0 or 3) Assert.Null(await _first.Objects.FindAsync(name, default));
            else Assert.Equal("new bytes", await ReadAsync(_first, name));
        }
    }

    [Fact]
    public async Task Of_those_who_put_one_name_one_wins_and_nobody_takes_it_from_him()
    {
        for (var round = 0; round < 20; round++)
        {
            var name = $"data/{round}";
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => (i % 2 == 0 ? _first : _second).Objects.PutAsync(name, Bytes($"by {i}"), default))));
            var winner = Assert.Single(Enumerable.Range(0, 4), i => outcomes[i] == WriteOutcome.Done);
            Assert.Equal($"by {winner}", await ReadAsync(_first, name));
        }

        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public async Task One_commits_what_the_other_has_staged_in_the_order_of_the_commit()
    {
        await _first.Objects.StageBlockAsync("data/a", "1", Bytes("one "), default);
        await _second.Objects.StageBlockAsync("data/a", "2", Bytes("two "), default);
        await _first.Objects.StageBlockAsync("data/a", "3", Bytes("three"), default);
        Assert.Equal(WriteOutcome.Done, await _second.Objects.CommitBlocksAsync("data/a", ["1", "2", "3"], default));
        Assert.Equal("one two three", await ReadAsync(_first, "data/a"));
        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public async Task The_later_of_two_blocks_with_one_id_counts_whoever_has_staged_it()
    {
        for (var round = 0; round < 8; round++)
        {
            var (name, last) = ($"data/{round}", round % 2 == 0 ? _first : _second);
            await (round % 2 == 0 ? _second : _first).Objects.StageBlockAsync(name, "1", Bytes("old"), default);
            await last.Objects.StageBlockAsync(name, "1", Bytes("later"), default);
            Assert.Equal(WriteOutcome.Done, await _first.Objects.CommitBlocksAsync(name, ["1"], default));
            Assert.Equal("later", await ReadAsync(_second, name));
        }
    }

    [Fact]
    public async Task A_process_that_begins_anew_goes_on_with_what_was_staged()
    {
        using (var before = LocalStores.Open(_folder.Path, TimeProvider.System))
        {
            await before.Objects.StageBlockAsync("data/a", "1", Bytes("before "), default);
            await before.Tables.WriteAsync(Table, new RowWrite.Insert(new("p", "r"), Number(7)), default);
        }

        using var after = LocalStores.Open(_folder.Path, TimeProvider.System);
        await after.Objects.StageBlockAsync("data/a", "2", Bytes("after"), default);
        Assert.Equal(WriteOutcome.Done, await after.Objects.CommitBlocksAsync("data/a", ["1", "2"], default));
        Assert.Equal("before after", await ReadAsync(after, "data/a"));
        Assert.Equal(7, (int)(await after.Tables.FindAsync(Table, new("p", "r"), default))!.Properties["n"]);
    }

    [Fact]
    public async Task Who_goes_on_staging_while_the_other_commits_changes_nothing_of_the_object()
    {
        foreach (var committer in (LocalStores[])[_first, _second])
        {
            var name = $"data/{(committer == _first ? "own" : "other")}";
            await _first.Objects.StageBlockAsync(name, "1", Bytes("done"), default);
            Task[] zombies = [.. Enumerable.Range(0, 20).Select(i => Task.Run(() => _first.Objects.StageBlockAsync(name, $"z{i}", Bytes("zombie"), default)))];
            Assert.Equal(WriteOutcome.Done, await committer.Objects.CommitBlocksAsync(name, ["1"], default));
            var committed = await _second.Objects.FindAsync(name, default);
            foreach (var zombie in zombies) await Record.ExceptionAsync(() => zombie);
            await _first.Objects.StageBlockAsync(name, "late", Bytes("zombie"), default);
            Assert.Equal(committed, await _second.Objects.FindAsync(name, default));
            Assert.Equal("done", await ReadAsync(_second, name));
        }
    }

    [Fact]
    public async Task Two_who_commit_one_object_at_once_make_it_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var name = $"data/{round}";
            foreach (var id in (string[])["1", "2", "3"]) await _first.Objects.StageBlockAsync(name, id, Bytes(id), default);
            var outcomes = await Task.WhenAll(((LocalStores[])[_first, _second, _first]).Select(s => Task.Run(() => s.Objects.CommitBlocksAsync(name, ["1", "2", "3"], default))));
            Assert.Single(outcomes, WriteOutcome.Done);
            Assert.All(outcomes, o => Assert.Contains(o, (WriteOutcome[])[WriteOutcome.Done, WriteOutcome.Exists]));
            Assert.Equal("123", await ReadAsync(_second, name));
        }
    }

    [Fact]
    public void Many_may_open_a_new_folder_at_once()
    {
        var path = Path.Combine(_folder.Path, "new");
        Parallel.For(0, 8, _ => LocalStores.Open(path, TimeProvider.System).Dispose());
    }

    private static Dictionary<string, object> Number(int number) => new() { ["n"] = number };

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ReadAsync(LocalStores stores, string name)
    {
        await using var stream = await stores.Objects.OpenAsync(name, 0, null, default);
        return await new StreamReader(stream!).ReadToEndAsync();
    }
}
