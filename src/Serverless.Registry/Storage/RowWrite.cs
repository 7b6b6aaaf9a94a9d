namespace Serverless.Registry.Storage;

/// <summary>One change to one row. The kinds are a closed family.</summary>
public abstract record RowWrite
{
    private static readonly Dictionary<string, object> s_nothing = [];

    private RowWrite(RowKey key) => Key = key;

    /// <summary>The row it changes.</summary>
    public RowKey Key { get; }

    /// <summary>Whether it may be applied, for a store that decides that itself.</summary>
    /// <param name="current">The ETag of the row that is there; null when there is none.</param>
    public WriteOutcome Test(string? current)
    {
        var condition = this switch
        {
            Replace w => w.ETag,
            Merge w => w.ETag,
            Touch w => w.ETag,
            Delete w => w.ETag,
            _ => null,
        };
        if (this is Insert) return current is null ? WriteOutcome.Done : WriteOutcome.Exists;
        if (condition is null) return WriteOutcome.Done;
        if (current is null) return WriteOutcome.NotFound;
        return condition == "*" || condition == current ? WriteOutcome.Done : WriteOutcome.ETagMismatch;
    }

    /// <summary>Makes a row; <see cref="WriteOutcome.Exists"/> when there is one.</summary>
    public sealed record Insert(RowKey Row, IReadOnlyDictionary<string, object> Properties) : RowWrite(Row);

    /// <summary>Makes a row or replaces the one that is there.</summary>
    public sealed record Upsert(RowKey Row, IReadOnlyDictionary<string, object> Properties) : RowWrite(Row);

    /// <summary>Makes a row or adds the properties to the one that is there.</summary>
    public sealed record UpsertMerge(RowKey Row, IReadOnlyDictionary<string, object> Properties) : RowWrite(Row);

    /// <summary>Replaces the row if it still has the ETag.</summary>
    public sealed record Replace(RowKey Row, IReadOnlyDictionary<string, object> Properties, string ETag) : RowWrite(Row);

    /// <summary>Adds the properties to the row, and leaves those that it has besides, if it exists and has the ETag (<c>*</c>: any).</summary>
    public sealed record Merge(RowKey Row, IReadOnlyDictionary<string, object> Properties, string ETag) : RowWrite(Row);

    /// <summary>
    /// Makes the row young and changes nothing else, if it exists and has the ETag (<c>*</c>: any). A kind of its own, because a merge that forgets
    /// its condition is an upsert and makes phantom rows.
    /// </summary>
    public sealed record Touch(RowKey Row, string ETag = "*") : RowWrite(Row);

    /// <summary>Deletes the row if it exists and has the ETag (<c>*</c>: any).</summary>
    public sealed record Delete(RowKey Row, string ETag) : RowWrite(Row);

    /// <summary>Makes an empty row, or makes the one that is there young and leaves its properties alone.</summary>
    public static RowWrite Note(RowKey row) => new UpsertMerge(row, s_nothing);
}
