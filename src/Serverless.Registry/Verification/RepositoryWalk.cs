using Serverless.Registry.Blobs;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>Walks the rows of the repositories that a pass is about, and those that name bytes of all of them.</summary>
internal sealed class RepositoryWalk(VerifyRun run)
{
    // What is needed of the rows of repositories, unless contents are hashed.
    private static readonly string[] s_properties = [.. ManifestRow.CollectorProperties, ManifestRow.DigestProperty, .. UploadSession.LocationProperties];

    /// <summary>Compares the repositories with the links of a pass.</summary>
    /// <param name="links">The links.</param>
    /// <param name="objects">The objects that uploads may name; null when the pass is about none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(LinkSet links, ObjectInventory? objects, CancellationToken cancellationToken)
    {
        var (range, end) = (links.Range, links.Range.NextPartition);
        RepositoryCheck? check = null;
        string? partition = null;
        var query = RowQuery.Prefix(null, "") with
        {
            FirstPartition = range.From.Repository.Length == 0 ? null : range.From.Repository,
            EndPartition = end,
            Select = run.Options.RehashDigests ? null : s_properties,
        };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            if (row.Key.Partition != partition)
            {
                await FinishAsync(check, partition, range, cancellationToken);
                partition = row.Key.Partition;
                check = run.Read(row, r => Begin(links, r.Key.Partition));
            }

            if (check is not null) await check.AddAsync(row, objects, cancellationToken);
        }

        await FinishAsync(check, partition, range, cancellationToken);
        // Links of repositories that have no rows at all. They have no place in the walk, so no cursor tells of them.
        foreach (var repository in links.Repositories) await new RepositoryCheck(run, TableKeys.Decode(repository), links.Take(repository), range, done: false).FinishAsync(cancellationToken);
        // What the pass is not about may name bytes all the same.
        if (objects is not null && end is not null) await TakeUploadsAsync(objects, end, cancellationToken);
    }

    /// <summary>Takes the objects that uploads name.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="first">The first partition to read; null reads all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TakeUploadsAsync(ObjectInventory objects, string? first, CancellationToken cancellationToken)
    {
        var uploads = RowQuery.Prefix(null, TableKeys.UploadPrefix) with { FirstPartition = first, Select = UploadSession.LocationProperties };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.RegistryTable, uploads, cancellationToken))
        {
            // The pass that is about the repository tells of those that cannot be read.
            if (run.Read(row, UploadSession.Read, again: true) is { } session) objects.Take(session.Location);
        }
    }

    private async Task FinishAsync(RepositoryCheck? check, string? partition, LinkRange range, CancellationToken cancellationToken)
    {
        if (check is not null) await check.FinishAsync(cancellationToken);
        // A repository that the next pass goes on with is not done.
        if (partition is not null && range.Finishes(partition)) await run.ReachAsync(VerifyPart.Repositories, partition, cancellationToken);
    }

    private RepositoryCheck Begin(LinkSet links, string partition)
    {
        var repository = TableKeys.Decode(partition);
        var range = links.Range;
        if (range.From.Repository != partition || range.From.Digest.Length == 0) run.Summary.Repositories++;
        return new RepositoryCheck(run, repository, links.Take(partition), range, run.IsDone(VerifyPart.Repositories, partition));
    }
}
