using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Retention;

/// <summary>A tag as retention sees it.</summary>
/// <param name="Row">Its row as it was read.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Digest">What it points at.</param>
internal sealed record TagEntry(TableRow Row, Tag Tag, Digest Digest)
{
    /// <summary>When it was last pushed or moved, by the clock of storage as it was then. Its row may be younger, where tables were copied or restored.</summary>
    public DateTimeOffset PushedAt { get; } = Row.FindTime(ManifestRow.PushedProperty) ?? Row.Timestamp;

    /// <summary>Whether it is there because it is in another registry.</summary>
    public bool IsMirrored { get; } = ManifestRow.IsMirrored(Row);

    /// <summary>When it was last pulled; null when no pull is noted.</summary>
    public DateTimeOffset? PulledAt { get; init; }

    /// <summary>The tag of a row; null when the row makes no sense. Such a row is left alone, and the verifier tells of it.</summary>
    public static TagEntry? Read(TableRow row)
    {
        if (!Tag.TryParse(row.Key.Row[TableKeys.TagPrefix.Length..], out var tag) || !Digest.TryParse(row.FindString(ManifestRow.DigestProperty), out var digest)) return null;
        try
        {
            return new TagEntry(row, tag, digest);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
