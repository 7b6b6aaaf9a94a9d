using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.LocalStorage.Tests;

/// <summary>Thousands of calls, as a die falls, to the database by two processes and to the store in memory, which defines what is right: every answer is the same.</summary>
public sealed class TableModelTests : IDisposable
{
    private const int Calls = 3000;

    private static readonly string[] s_tables = ["registry", "blobs"];
    private static readonly string[] s_partitions = ["a", "a!", "a,b", "b", "sha256:00", "~z"];
    private static readonly string[] s_rows = ["!", "a", "a!", "m:1", "m:1!", "m:2", "n", "t:v1", "t:v1.0", "t:w", "~e:1"];
    private static readonly string[] s_properties = ["digest", "payload", "p1", "size", "text"];

    private readonly ManualTimeProvider _time = new();
    private readonly LocalFolder _folder;
    private readonly ITableStore[] _stores;
    private readonly InMemoryTableStore _model;

    // ETags of the model and what the database calls the same versions.
    private readonly Dictionary<string, string> _etags = new(StringComparer.Ordinal) { ["*"] = "*", ["W/\"none\""] = "W/\"none\"" };

    public TableModelTests()
    {
        _folder = new(_time);
        _stores = [_folder.Stores.Tables, _folder.Open().Tables];
        _model = new(_time);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_database_answers_as_the_definition_does(int seed)
    {
        SeededGenerator die = new((ulong)seed);
        Dictionary<WriteOutcome, int> outcomes = [];
        for (var call = 0; call < Calls; call++)
        {
            if (die.Chance(1, 3)) _time.Advance(TimeSpan.FromTicks(1 + die.Next(20_000_000)));
            var (store, table) = (die.Pick(_stores), die.Pick(s_tables));
            switch (die.Next(10))
            {
                case < 4:
                    var write = await NewWriteAsync(die, table, new(die.Pick(s_partitions), die.Pick(s_rows)));
                    Count((await CompareAsync(store, table, write)).Outcome);
                    break;
                case < 7:
                    Count((await CompareBatchAsync(die, store, table)).Outcome);
                    break;
                case < 8:
                    RowKey key = new(die.Pick(s_partitions), die.Pick(s_rows));
                    AssertSame(await _model.FindAsync(table, key, default), await store.FindAsync(table, key, default));
                    break;
                default:
                    await CompareQueryAsync(die, store, table);
                    break;
            }
        }

        foreach (var table in s_tables)
        {
            foreach (var store in _stores) await CompareAllAsync(store, table, RowQuery.Prefix(null, "") with { PageSize = 7 });
        }

        // A comparison of refusals alone would prove little.
        Assert.All(Enum.GetValues<WriteOutcome>(), o => Assert.InRange(outcomes.GetValueOrDefault(o), Calls / 100, Calls));

        void Count(WriteOutcome outcome) => outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
    }

    private async Task<WriteResult> CompareAsync(ITableStore store, string table, RowWrite write)
    {
        var (expected, actual) = (await _model.WriteAsync(table, write, default), await store.WriteAsync(table, Translate(write), default));
        Assert.Equal(expected.Outcome, actual.Outcome);
        Assert.Equal(expected.ETag is null, actual.ETag is null);
        if (expected.ETag is { } etag) _etags.Add(etag, actual.ETag!);
        return actual;
    }

    private async Task<BatchResult> CompareBatchAsync(SeededGenerator die, ITableStore store, string table)
    {
        var partition = die.Pick(s_partitions);
        List<RowWrite> batch = [];
        foreach (var row in s_rows)
        {
            if (die.Chance(1, 3)) batch.Add(await NewWriteAsync(die, table, new(partition, row), likely: true));
        }

        if (batch.Count == 0) batch.Add(RowWrite.Note(new(partition, "n")));
        var (expected, actual) = (await _model.WriteAsync(table, batch, default), await store.WriteAsync(table, [.. batch.Select(Translate)], default));
        Assert.Equal(expected, actual);
        if (actual.Done) await LearnAsync(store, table, partition);
        return actual;
    }

    private async Task CompareQueryAsync(SeededGenerator die, ITableStore store, string table)
    {
        var query = die.Next(4) switch
        {
            0 => RowQuery.Prefix(die.Pick(s_partitions), die.Pick(["", "m:", "t:v1", "~"])),
            1 => RowQuery.PrefixAfter(die.Chance(1, 2) ? null : die.Pick(s_partitions), "", die.Pick(s_rows)),
            2 => RowQuery.Partitions(die.Pick(["a", "b", "sha256:"])) with { FirstPartition = die.Pick(s_partitions) },
            _ => RowQuery.Prefix(null, die.Pick(["", "m:", "!"])) with { EndPartition = die.Pick(s_partitions) },
        };
        query = query with { PageSize = 1 + die.Next(12), Select = die.Chance(1, 2) ? null : [.. s_properties.Where(_ => die.Chance(1, 3))] };
        await CompareAllAsync(store, table, query);
    }

    private async Task CompareAllAsync(ITableStore store, string table, RowQuery query)
    {
        string? next = null;
        do
        {
            var (expected, actual) = (await _model.QueryAsync(table, query, next, default), await store.QueryAsync(table, query, next, default));
            Assert.Equal((expected.Rows.Count, expected.Continuation, expected.Time), (actual.Rows.Count, actual.Continuation, actual.Time));
            for (var i = 0; i < expected.Rows.Count; i++) AssertSame(expected.Rows[i], actual.Rows[i]);
            next = actual.Continuation;
        }
        while (next is not null);
    }

    private void AssertSame(TableRow? expected, TableRow? actual)
    {
        Assert.Equal(expected?.Key, actual?.Key);
        if (expected is null || actual is null) return;
        Assert.Equal((_etags[expected.ETag], expected.Timestamp), (actual.ETag, actual.Timestamp));
        Assert.Equal(expected.Properties.Keys.Order(StringComparer.Ordinal), actual.Properties.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected.Properties, p => Assert.Equal(p.Value, actual.Properties[p.Key]));
    }

    // A batch tells no ETags.
    private async Task LearnAsync(ITableStore store, string table, string partition)
    {
        foreach (var row in (await _model.QueryAsync(table, RowQuery.Prefix(partition, "") with { To = "\x7f" }, null, default)).Rows)
        {
            if (!_etags.ContainsKey(row.ETag)) _etags.Add(row.ETag, (await store.FindAsync(table, row.Key, default))!.ETag);
        }
    }

    private async Task<RowWrite> NewWriteAsync(SeededGenerator die, string table, RowKey key, bool likely = false)
    {
        var found = await _model.FindAsync(table, key, default);
        var etag = die.Next(likely ? 20 : 4) switch { 0 => "W/\"none\"", 1 => "*", _ => found?.ETag ?? "*" };
        // One that is there is seldom made anew, nor is one changed that is not.
        var kind = likely && die.Chance(19, 20) ? found is null ? die.Pick([0, 1, 2, 3]) : 1 + die.Next(7) : die.Next(8);
        return kind switch
        {
            0 => new RowWrite.Insert(key, NewProperties(die)),
            1 => new RowWrite.Upsert(key, NewProperties(die)),
            2 => new RowWrite.UpsertMerge(key, NewProperties(die)),
            3 => RowWrite.Note(key),
            4 => new RowWrite.Replace(key, NewProperties(die), etag),
            5 => new RowWrite.Merge(key, NewProperties(die), etag),
            6 => new RowWrite.Touch(key, etag),
            _ => new RowWrite.Delete(key, etag),
        };
    }

    private RowWrite Translate(RowWrite write) => write switch
    {
        RowWrite.Replace w => w with { ETag = _etags[w.ETag] },
        RowWrite.Merge w => w with { ETag = _etags[w.ETag] },
        RowWrite.Touch w => w with { ETag = _etags[w.ETag] },
        RowWrite.Delete w => w with { ETag = _etags[w.ETag] },
        _ => write,
    };

    private static Dictionary<string, object> NewProperties(SeededGenerator die)
    {
        Dictionary<string, object> properties = [];
        foreach (var name in s_properties)
        {
            if (die.Chance(1, 2)) properties[name] = NewValue(die);
        }

        return properties;
    }

    private static object NewValue(SeededGenerator die) => die.Next(8) switch
    {
        0 => die.Next(2) == 0,
        1 => (int)die.Next(),
        2 => (long)die.Next(),
        3 => "",
        4 => "ä " + die.Next(1000),
        5 => die.Bytes(die.Next(40)),
        // About the size from which they are kept beside the row.
        6 => die.Bytes(505 + die.Next(15)),
        _ => die.Bytes(die.Chance(1, 10) ? TableLimits.PropertySize : 2000),
    };
}
