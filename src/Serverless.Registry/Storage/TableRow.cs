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

    /// <summary>The properties that only a newer release knows: whoever reads a row, changes it and writes it back must not lose them.</summary>
    /// <param name="isKnown">Whether a property of this name is one of ours.</param>
    internal IReadOnlyDictionary<string, object> Others(Func<string, bool> isKnown) => Properties.Where(p => !isKnown(p.Key)).ToDictionary(StringComparer.Ordinal);

    private InvalidDataException Missing(string name) => new($"The row {Key.Partition}|{Key.Row} has no property '{name}' of the expected type.");
}
