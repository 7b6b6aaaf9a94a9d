using System.Globalization;
using Serverless.Registry.GarbageCollection;

namespace Serverless.Cli.Output;

/// <summary>Something that a collection has to tell.</summary>
/// <param name="Kind">manifest, link, blob, repository or skipped.</param>
/// <param name="Repository">Where; null when it belongs to no one repository.</param>
/// <param name="Digest">Which; null when it is about the repository as a whole.</param>
/// <param name="Size">Bytes that are freed.</param>
/// <param name="Note">Why, where there is something to explain.</param>
internal sealed record CollectedEntry(string Kind, string? Repository, string? Digest, long Size, string? Note)
{
    public static CollectedEntry Of(CollectedItem item) =>
        new(item.Kind.ToString().ToLowerInvariant(), item.Repository?.ToString(), item.Digest?.ToString(), item.Size, item.Note);

    public string ToLine() => string.Join('\t', Kind, Repository ?? "-", Digest ?? "-", Size.ToString(CultureInfo.InvariantCulture), Note ?? "-");
}
