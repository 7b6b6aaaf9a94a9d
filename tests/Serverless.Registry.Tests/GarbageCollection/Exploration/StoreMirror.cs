using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>
/// What is stored, as a hash that is the same whenever the same calls were answered the same: random names and ETags stand in it as "the third call of the
/// pusher". So two schedules that only differ in the order of calls that do not touch each other lead to the same world, which is explored once.
/// </summary>
internal sealed class StoreMirror(World world)
{
    private readonly Dictionary<(string Table, RowKey Key), (string Name, ulong Content, ulong Version, int Epoch)> _rows = [];
    private readonly Dictionary<string, (ulong Label, int Epoch)> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public ulong Hash
    {
        get
        {
            var hash = 0UL;
            foreach (var row in _rows.Values) hash += HashOf(row);
            foreach (var (name, value) in _objects) hash += StateHash.Mix(StateHash.Mix(StateHash.Of(name), value.Label), (ulong)value.Epoch);
            return hash;
        }
    }

    /// <summary>A name by which the row goes in traces and hashes.</summary>
    public string NameOf(string table, RowKey key, Actor actor)
    {
        // Only these keys end in something random.
        var random = key.Row.StartsWith("h:", StringComparison.Ordinal) || key.Row.StartsWith(TableKeys.UploadPrefix, StringComparison.Ordinal);
        return random ? $"{key.Row[..2]}{NameOf(key.Row, actor)}" : $"{table}|{key.Partition}|{key.Row}";
    }

    /// <summary>A name by which an object goes.</summary>
    public string NameOf(string random, Actor actor)
    {
        lock (_names)
        {
            if (!_names.TryGetValue(random, out var name)) _names[random] = name = actor.NewName();
            return name;
        }
    }

    /// <summary>What was there from the beginning goes by its own name.</summary>
    public void Load(string name)
    {
        _names[name] = name;
        _objects[name] = default;
    }

    public void Load(string table, RowKey key)
    {
        _names[key.Row] = key.Row;
        _rows[(table, key)] = ($"{table}|{key.Partition}|{key.Row}", 0, 0, 0);
    }

    public void Apply(string table, RowWrite write, ulong label)
    {
        var key = (table, write.Key);
        if (write is RowWrite.Delete)
        {
            _rows.Remove(key);
            return;
        }

        var name = $"{table}|{write.Key.Partition}|{_names.GetValueOrDefault(write.Key.Row) ?? write.Key.Row}";
        var old = _rows.TryGetValue(key, out var row) ? row.Content : 1;
        var content = write switch
        {
            RowWrite.Touch => old,
            RowWrite.UpsertMerge { Properties.Count: 0 } => old,
            RowWrite.UpsertMerge => StateHash.Mix(old, label),
            _ => label,
        };
        _rows[key] = (name, content, label, world.Epoch);
    }

    public void Apply(string verb, string name, ulong label)
    {
        if (verb == "drop") _objects.Remove(name);
        else _objects[name] = (StateHash.Mix(_objects.GetValueOrDefault(name).Label, label), world.Epoch);
    }

    /// <summary>What somebody learns from an answer.</summary>
    public ulong Observe(object? answer) => answer switch
    {
        null => 1,
        TableRow row => HashOf(FindRow(row)),
        RowPage page => page.Rows.Aggregate(7UL, (hash, row) => StateHash.Mix(hash, HashOf(FindRow(row)))),
        WriteResult result => (ulong)result.Outcome,
        BatchResult result => ((ulong)result.Outcome * 1000) + (ulong)((result.Failed ?? -1) + 1),
        // Its version is that of its last write.
        StoredObject found => StateHash.Mix(StateHash.Mix(StateHash.Of(_names[found.Name]), _objects[_names[found.Name]].Label), (ulong)found.Size),
        Stream => 2,
        _ => StateHash.Of(answer.ToString()!),
    };

    /// <summary>An answer, for a trace.</summary>
    public string Describe(object? answer) => answer switch
    {
        null => "none",
        TableRow row => $"a row of epoch {FindRow(row).Epoch}",
        RowPage page => $"{page.Rows.Count} rows: {string.Join(", ", page.Rows.Select(r => $"{r.Key.Row} of epoch {FindRow(r).Epoch}"))}",
        WriteResult result => result.Outcome.ToString(),
        BatchResult result => $"{result.Outcome} {result.Failed}",
        Stream => "bytes",
        _ => answer.ToString()!,
    };

    private static ulong HashOf((string Name, ulong Content, ulong Version, int Epoch) row) =>
        StateHash.Mix(StateHash.Mix(StateHash.Of(row.Name), row.Content), StateHash.Mix(row.Version, (ulong)row.Epoch));

    // The same key is never used in two tables.
    private (string Name, ulong Content, ulong Version, int Epoch) FindRow(TableRow row)
    {
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            if (_rows.TryGetValue((table, row.Key), out var found)) return found;
        }

        throw new InvalidOperationException($"The row {row.Key} is not mirrored.");
    }
}
