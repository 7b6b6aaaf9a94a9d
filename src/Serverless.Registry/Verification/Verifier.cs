using Serverless.Registry.Core;
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
/// What is deleted goes by its ETag. It looks at the whole of the stores, whatever <see cref="RegistryOptions.Scope"/> says: bytes belong to all.
/// <code>
///   first pass    objects of the first parts of names, links of the first repositories, as many as are held in memory: mostly all of them
///   then          the links of the next repositories, and these repositories      until there are none     compares rows with rows
///   then          the objects of the next parts, all ! and links, all u: rows     until there are none     compares bytes with rows
/// </code>
/// A run that repairs passes over the objects of all parts first and compares, and then once more and judges them, where the first pass has not all of them: what nobody names may be what
/// a blob has lost whose bytes belong into a later part.
/// So memory is constant and passes grow. Every pass that judges objects lists them first and reads all rows that may name them afterwards, so what is said above holds for each by
/// itself; and objects are judged last, when all rows and manifests are known to be readable. Content is streamed.
/// </summary>
public sealed class Verifier
{
    private readonly RegistryContext _context;

    internal Verifier(RegistryContext context) => _context = context;

    /// <summary>Looks at everything that is stored. Scans the tables of repositories and of blobs, once more for each 200,000 objects and for each 100,000 to 200,000 links.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="report">Told of each finding as it is found; may be null.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    /// <exception cref="StorageUnavailableException">Storage could not be listed, or did not answer several times in a row.</exception>
    public Task<VerifySummary> RunAsync(VerifyOptions options, Action<VerifyFinding>? report, CancellationToken cancellationToken) =>
        RunAsync(options, report, null, cancellationToken);

    /// <summary>
    /// As the other overload, from where an earlier run was cut off. To know which bytes are in use all rows and objects of the pass are listed again, and rows that
    /// cannot be read are told of again; but what was hashed and looked up is not hashed and looked up once more. The summary counts what this run lists.
    /// </summary>
    /// <param name="options">Choices, those of the earlier run.</param>
    /// <param name="report">Told of each finding as it is found; may be null.</param>
    /// <param name="cursor">Where to go on, and who is told of each blob and each repository that is done; null begins at the beginning and tells nobody.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    public async Task<VerifySummary> RunAsync(VerifyOptions options, Action<VerifyFinding>? report, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        // Read before anything else: the time, and whether anything may be deleted here.
        var shared = await _context.Shared.ReadAsync(cancellationToken);
        if (options.Repair || options.DeleteOrphans) await _context.DemandCollectorAsync(shared, cancellationToken);
        var run = new VerifyRun(_context, options, shared.Time, report, cursor);
        if (run.From.IsInFirstPass) await RunFirstAsync(run, cancellationToken);
        else await ResumeAsync(run, cancellationToken);
        run.Summary.IsComplete = run.KnowsAll;
        return run.Summary;
    }

    private static async Task RunFirstAsync(VerifyRun run, CancellationToken cancellationToken)
    {
        // As far as the run went that was cut off, so that what it has compared is what this one takes for compared.
        var objects = new ObjectInventory(run, "", until: run.From == VerifyCursor.Start ? null : run.From.Objects);
        await objects.ReadAsync(cancellationToken);
        run.Summary.Objects += objects.Count;
        run.Begin(LinkPlace.Start, objects.Next);
        var links = new LinkSet(LinkPlace.Start, run.Options.MostAtOnce);
        await new BlobCheck(run, objects, links).RunAsync(cancellationToken);
        await new RepositoryWalk(run).RunAsync(links, objects, cancellationToken);
        await CheckRepositoriesAsync(run, links.Range.End, objects.Next, cancellationToken);
        if (objects.Next is { } next && run.JudgesLast)
        {
            await CompareAndJudgeAsync(run, next, cancellationToken);
            return;
        }

        await objects.ReportOrphansAsync(cancellationToken);
        await CheckObjectsAsync(run, ObjectPass.CompareAndJudge, objects.Next, "", cancellationToken);
    }

    private static async Task ResumeAsync(VerifyRun run, CancellationToken cancellationToken)
    {
        var from = run.From;
        if (from.Part == VerifyPart.Repositories) await CheckRepositoriesAsync(run, from.Links, from.Objects, cancellationToken);
        if (run.JudgesLast && from is { Part: VerifyPart.Objects, Checked: null })
        {
            await CheckObjectsAsync(run, ObjectPass.Judge, from.Objects, null, cancellationToken);
        }
        else if (run.JudgesLast)
        {
            await CompareAndJudgeAsync(run, from.Objects, cancellationToken);
        }
        else if (from.Part == VerifyPart.Objects)
        {
            await CheckObjectsAsync(run, ObjectPass.CompareAndJudge, from.Objects, from.Checked, cancellationToken);
        }
        else
        {
            // The objects of the first pass were compared with the rows, but not yet judged.
            await CheckObjectsAsync(run, ObjectPass.CompareAndJudge, "", checkedBefore: from.Objects, cancellationToken);
        }
    }

    private static async Task CompareAndJudgeAsync(VerifyRun run, string? from, CancellationToken cancellationToken)
    {
        await CheckObjectsAsync(run, ObjectPass.Compare, from, "", cancellationToken);
        await CheckObjectsAsync(run, ObjectPass.Judge, "", checkedBefore: null, cancellationToken);
    }

    private static async Task CheckRepositoriesAsync(VerifyRun run, LinkPlace? from, string? objects, CancellationToken cancellationToken)
    {
        while (from is { } place)
        {
            run.Begin(place, objects);
            var links = new LinkSet(place, run.Options.MostAtOnce);
            var query = new RowQuery(null, place.Repository, RowQuery.Prefix(null, "").To) { Select = [] };
            await foreach (var row in run.Context.Tables.ListAsync(TableKeys.BlobsTable, query, cancellationToken))
            {
                // The first pass has told of those that cannot be read.
                if (Oci.Digest.TryParse(row.Key.Partition, out var digest) && TableKeys.TryDecode(row.Key.Row, out _)) links.Add(row.Key.Row, digest);
            }

            await new RepositoryWalk(run).RunAsync(links, null, cancellationToken);
            from = links.Range.End;
        }
    }

    private static async Task CheckObjectsAsync(VerifyRun run, ObjectPass pass, string? from, string? checkedBefore, CancellationToken cancellationToken)
    {
        while (from is not null)
        {
            run.Begin(LinkPlace.Start, from, checkedBefore);
            var objects = new ObjectInventory(run, from, null, checkedBefore);
            await objects.ReadAsync(cancellationToken);
            // Those that are judged by themselves were counted when they were compared.
            if (pass != ObjectPass.Judge) run.Summary.Objects += objects.Count;
            await new BlobCheck(run, objects, null).RunAsync(cancellationToken);
            if (pass != ObjectPass.Compare)
            {
                await new RepositoryWalk(run).TakeUploadsAsync(objects, null, cancellationToken);
                await objects.ReportOrphansAsync(cancellationToken);
            }

            from = objects.Next;
        }
    }

    /// <summary>What a pass over objects does.</summary>
    private enum ObjectPass
    {
        /// <summary>Compares blobs with their bytes, and tells of objects that nobody names.</summary>
        CompareAndJudge,

        /// <summary>Compares alone.</summary>
        Compare,

        /// <summary>Tells of objects that nobody names, when all were compared.</summary>
        Judge,
    }
}
