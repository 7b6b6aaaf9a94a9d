using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tags;

/// <summary>
/// The moves of one repository's tags. A move is inserted in the batch that makes it; older ones beyond the bound are dropped by one push in sixteen, so that
/// the others do not pay for the look.
/// </summary>
internal sealed class TagHistory(RegistryContext context, RepositoryName repository)
{
    private const long TrimEveryMilliseconds = 16;

    /// <summary>The row of a move that happens now, by the clock of storage. Its key ends in random characters: if it exists, this very write was applied before.</summary>
    public RowWrite Insert(Tag tag, Descriptor target, DateTimeOffset now, string? actor) => new RowWrite.Insert(TableKeys.History(repository, tag, now), ManifestRow.OfMove(target, actor));

    /// <summary>The newest moves first, within the bound.</summary>
    public async IAsyncEnumerable<TagMove> ListAsync(Tag tag, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await context.Tables.TakeAsync(TableKeys.RegistryTable, RowsOf(tag), context.Options.TagHistoryLength, cancellationToken);
        foreach (var row in rows.Rows)
        {
            yield return new TagMove(
                ManifestRow.Describe(row, ManifestRow.TagDigest(row)), TableKeys.HistoryTime(row.Key), row.FindString(ManifestRow.ActorProperty));
        }
    }

    /// <summary>Drops what is beyond the bound, if the clock says that it is this push's turn. Pushes come at any millisecond, so each is as likely to be it.</summary>
    public Task TrimInTurnAsync(IEnumerable<Tag> tags, CancellationToken cancellationToken) =>
        context.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() % TrimEveryMilliseconds == 0
            ? Task.WhenAll(tags.Select(t => TrimAsync(t, cancellationToken)))
            : Task.CompletedTask;

    private async Task TrimAsync(Tag tag, CancellationToken cancellationToken)
    {
        var query = RowsOf(tag) with { Select = [ManifestRow.DigestProperty] };
        var (rows, _) = await context.Tables.TakeAsync(TableKeys.RegistryTable, query, RowQuery.MaxPageSize, cancellationToken);
        await context.Tables.DeleteUnchangedAsync(TableKeys.RegistryTable, [.. rows.Skip(context.Options.TagHistoryLength)], cancellationToken);
    }

    private RowQuery RowsOf(Tag tag) => RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.HistoryPrefix(tag));
}
