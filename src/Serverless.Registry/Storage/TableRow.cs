namespace Serverless.Registry.Storage;

/// <summary>A row as it was read.</summary>
/// <param name="key">Its address.</param>
/// <param name="properties">Its properties: strings, 32- and 64-bit integers, booleans and byte arrays.</param>
/// <param name="etag">Changes with every write.</param>
/// <param name="timestamp">The storage service's time of the last write, in UTC. Ages are counted from it, never from a clock of ours.</param>
public sealed class TableRow(RowKey key, IReadOnlyDictionary<string, object> properties, string etag, DateTimeOffset timestamp)
{
    /// <summary>The row's address.</summary>
    public RowKey Key { get; } = key;

    /// <summary>The row's properties.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; } = properties;

    /// <summary>The row's version; compare for equality only.</summary>
    public string ETag { get; } = etag;

    /// <summary>The storage service's time of the last write, in UTC.</summary>
    public DateTimeOffset Timestamp { get; } = timestamp;

    /// <summary>A text; null when the row has none of that name.</summary>
    public string? FindString(string name) => Properties.GetValueOrDefault(name) as string;

    /// <summary>Bytes; null when the row has none of that name.</summary>
    public byte[]? FindBytes(string name) => Properties.GetValueOrDefault(name) as byte[];

    /// <summary>A text that every such row has.</summary>
    /// <exception cref="InvalidDataException">The row does not have it.</exception>
    public string GetString(string name) => FindString(name) ?? throw Missing(name);

    /// <summary>An integer that every such row has.</summary>
    /// <exception cref="InvalidDataException">The row does not have it.</exception>
    public long GetInt64(string name) => Properties.GetValueOrDefault(name) switch
    {
        long number => number,
        int number => number,
        _ => throw Missing(name),
    };

    /// <summary>
    /// What the row is to hold when it is written anew: properties of our own, and those that only a newer release knows, which a row that is read, changed and written back must
    /// not lose.
    /// </summary>
    /// <param name="properties">Ours.</param>
    /// <param name="known">The names of all that are ours, also of those that the row is not to have any more.</param>
    internal Dictionary<string, object> With(IReadOnlyDictionary<string, object> properties, IReadOnlyCollection<string> known)
    {
        var all = Properties.Where(p => !known.Contains(p.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in properties) all[name] = value;
        return all;
    }

    private InvalidDataException Missing(string name) => new($"The row {Key.Partition}|{Key.Row} has no property '{name}' of the expected type.");
}
