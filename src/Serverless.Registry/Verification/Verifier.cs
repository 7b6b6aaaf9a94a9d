using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Compares everything that is stored with everything else, while people push and the collector runs.
/// <code>
///   somebody who pushes              the verifier
///   -------------------              ------------------------------------------------------------------------
///   bytes, under a fresh name        time of storage
///      |                             list the objects                    bytes that come later are not looked at
///      v                             read ! and links, beside the bytes
///   u: names them  or  ! names them  read the repositories, with the u: rows of uploads
///                                    objects left over, older than an upload's life and a grace: nobody can come to name them
///
///   whoever changes rows keeps them  read a row; look for what it points at: not there; read the row again: unchanged
///   in step at every moment          so it has pointed nowhere, and somebody has to know; else somebody was at work, and all may be well
/// </code>
/// What is deleted goes by its ETag. It looks at the whole of the stores, whatever <see cref="RegistryOptions.Scope"/> says: bytes belong to all. Memory grows with the
/// number of objects and links, by some hundred bytes each; content is streamed.
/// </summary>
public sealed class Verifier
{
    // What is needed of the rows of repositories, unless contents are hashed.
    private static readonly string[] s_properties = [.. ManifestRow.CollectorProperties, ManifestRow.DigestProperty, .. UploadSession.LocationProperties];

    private readonly RegistryContext _context;

    internal Verifier(RegistryContext context) => _context = context;

    /// <summary>Looks at everything that is stored. Scans the tables of repositories and of blobs.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="report">Told of each finding as it is found; may be null.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    public Task<VerifySummary> RunAsync(VerifyOptions options, Action<VerifyFinding>? report, CancellationToken cancellationToken) =>
        RunAsync(options, report, null, cancellationToken);

    /// <summary>
    /// As the other overload, from where an earlier run was cut off. To know which bytes are in use all rows and objects are listed again, and rows that
    /// cannot be read are told of again; but what was hashed and looked up is not hashed and looked up once more. The summary counts all that is listed.
    /// </summary>
    /// <param name="options">Choices, those of the earlier run.</param>
    /// <param name="report">Told of each finding as it is found; may be null.</param>
    /// <param name="cursor">Where to go on, and who is told of each blob and each repository that is done; null begins at the beginning and tells nobody.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    public async Task<VerifySummary> RunAsync(VerifyOptions options, Action<VerifyFinding>? report, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        var run = new VerifyRun(_context, options, await StorageClock.ReadAsync(_context.Tables, cancellationToken), report, cursor);
        var (objects, links) = (new ObjectInventory(run), new LinkSet());
        await objects.ReadAsync(cancellationToken);
        await new BlobCheck(run, objects, links).RunAsync(cancellationToken);
        await CheckRepositoriesAsync(run, objects, links, cancellationToken);
        await objects.ReportOrphansAsync(cancellationToken);
        return run.Summary;
    }

    private async Task CheckRepositoriesAsync(VerifyRun run, ObjectInventory objects, LinkSet links, CancellationToken cancellationToken)
    {
        RepositoryCheck? check = null;
        string? partition = null;
        var all = RowQuery.Prefix(null, "") with { Select = run.Options.RehashDigests ? null : s_properties };
        await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, all, cancellationToken))
        {
            if (row.Key.Partition != partition)
            {
                await FinishAsync(run, check, partition, cancellationToken);
                partition = row.Key.Partition;
                check = run.Read(row, r => Begin(run, links, r));
            }

            if (check is not null) await check.AddAsync(row, objects, cancellationToken);
        }

        await FinishAsync(run, check, partition, cancellationToken);
        // Links of repositories that have no rows at all. They have no place in the walk, so no cursor tells of them.
        foreach (var repository in links.Repositories) await new RepositoryCheck(run, repository, links.Take(repository), done: false).FinishAsync(cancellationToken);
    }

    private static async Task FinishAsync(VerifyRun run, RepositoryCheck? check, string? partition, CancellationToken cancellationToken)
    {
        if (check is not null) await check.FinishAsync(cancellationToken);
        if (partition is not null) await run.ReachAsync(VerifyPart.Repositories, partition, cancellationToken);
    }

    private static RepositoryCheck Begin(VerifyRun run, LinkSet links, TableRow first)
    {
        var repository = TableKeys.Decode(first.Key.Partition);
        run.Summary.Repositories++;
        return new RepositoryCheck(run, repository, links.Take(repository), run.IsDone(VerifyPart.Repositories, first.Key.Partition));
    }
}
