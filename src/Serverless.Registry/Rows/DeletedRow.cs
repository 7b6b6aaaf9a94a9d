using System.Text;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Rows;

/// <summary>
/// What a deletion leaves behind for a grace, so that it can be undone: of a manifest all that its row held, and the names of the tags that went with it; of a tag what it
/// pointed at.
/// </summary>
internal static class DeletedRow
{
    private const string TagsProperty = "tags";

    // Some hundreds of tags. Of more than that the names are not kept, but each tag's history is.
    private const int MaxTags = 32 * 1024;

    /// <summary>What a list needs.</summary>
    public static readonly string[] ListProperties = [ManifestRow.DigestProperty, TagsProperty];

    /// <summary>What the garbage collector needs.</summary>
    public static readonly string[] CollectorProperties = [.. ManifestRow.CollectorProperties, ManifestRow.DigestProperty];

    /// <summary>Remembers a manifest.</summary>
    /// <param name="repository">Its repository.</param>
    /// <param name="digest">The manifest.</param>
    /// <param name="row">Its row, whole.</param>
    /// <param name="tags">The tags that go with it.</param>
    public static RowWrite OfManifest(RepositoryName repository, Digest digest, TableRow row, IEnumerable<Tag> tags)
    {
        var names = new StringBuilder();
        foreach (var tag in tags)
        {
            if (names.Length + tag.ToString().Length >= MaxTags) break;
            names.Append(names.Length > 0 ? " " : "").Append(tag);
        }

        var properties = new Dictionary<string, object>(row.Properties) { [TagsProperty] = Encoding.ASCII.GetBytes(names.ToString()) };
        return new RowWrite.Upsert(TableKeys.Deleted(repository, new Reference(digest)), properties);
    }

    /// <summary>Remembers a tag.</summary>
    public static RowWrite OfTag(RepositoryName repository, Tag tag, Digest digest) =>
        new RowWrite.Upsert(TableKeys.Deleted(repository, new Reference(tag)), new Dictionary<string, object> { [ManifestRow.DigestProperty] = digest.ToString() });

    /// <summary>What the row is of.</summary>
    /// <exception cref="FormatException">The row makes no sense.</exception>
    public static Reference ReferenceOf(TableRow row) => Reference.Parse(row.Key.Row[TableKeys.DeletedPrefix.Length..]);

    /// <summary>The tags that went with a manifest.</summary>
    /// <exception cref="FormatException">The row makes no sense.</exception>
    public static IReadOnlyList<Tag> TagsOf(TableRow row) =>
        [.. Encoding.ASCII.GetString(row.FindBytes(TagsProperty) ?? []).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => Tag.Parse(t))];
}
