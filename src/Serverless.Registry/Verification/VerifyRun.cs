using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>What all parts of one run share.</summary>
internal sealed class VerifyRun(RegistryContext context, VerifyOptions options, DateTimeOffset now, Action<VerifyFinding>? report, WalkCursor? cursor)
{
    // Storage that answers none of so many in a row is down, and to ask on would take a minute each.
    private const int MaxFailuresInARow = 5;

    private VerifyCursor _at = VerifyCursor.Parse(cursor?.From);
    private int _failures;

    public RegistryContext Context => context;

    public VerifyOptions Options => options;

    public VerifySummary Summary { get; } = new();

    /// <summary>Where an earlier run was cut off.</summary>
    public VerifyCursor From { get; } = VerifyCursor.Parse(cursor?.From);

    /// <summary>Rows that were written at or after this time may still be about to be used.</summary>
    public DateTimeOffset Cutoff => now - context.Options.Grace;

    /// <summary>Bytes older than this belong to no push that could still be under way: its upload has run out, and a grace besides.</summary>
    public DateTimeOffset BytesCutoff => Cutoff - context.Options.UploadLifetime;

    /// <summary>Whether every row could be read and checked so far, so that everything that is in use is known.</summary>
    public bool KnowsAll { get; private set; } = VerifyCursor.Parse(cursor?.From).KnowsAll;

    /// <summary>Whether another run goes on where this one is cut off.</summary>
    public bool CanGoOn => cursor is not null;

    /// <summary>
    /// Whether no object is judged before every blob was compared with its bytes. What nobody names may be what a blob has lost, and a run that repairs must know of all such blobs before
    /// it deletes any.
    /// </summary>
    public bool JudgesLast => options is { Repair: true, DeleteOrphans: true };

    /// <summary>Whether there is any blob.</summary>
    public bool HasBlobs { get; set; }

    /// <summary>Whether an earlier run has looked at the partition in the pass that this is. Its rows are read again, because they name bytes; nothing is looked up for them.</summary>
    public bool IsDone(VerifyPart part, string partition) => IsSamePass(part) && From.IsDone(part, partition);

    /// <summary>Whether the earlier run was cut off in the very pass and part that this is, so that it may have left undone what is done at its end.</summary>
    public bool IsGoingOn(VerifyPart part) => IsSamePass(part) && From.Part == part;

    /// <summary>A pass begins.</summary>
    /// <param name="links">Where it begins among the repositories.</param>
    /// <param name="objects">Where it begins among the objects, or the next one does; null when there is none.</param>
    /// <param name="checkedBefore">As in <see cref="VerifyCursor.Checked"/>.</param>
    public void Begin(LinkPlace links, string? objects, string? checkedBefore = "") => _at = _at with { Links = links, Objects = objects, Checked = checkedBefore };

    /// <summary>A partition is done.</summary>
    public async Task ReachAsync(VerifyPart part, string partition, CancellationToken cancellationToken)
    {
        if (cursor is null || IsDone(part, partition)) return;
        _at = _at with { Part = part, Partition = partition, KnowsAll = KnowsAll };
        await cursor.ReachedAsync(_at.ToString(), cancellationToken);
    }

    public void Report(
        VerifyKind kind, string note, RepositoryName? repository = null, Digest? digest = null, string? objectName = null, bool repaired = false)
    {
        if (kind is VerifyKind.Unreadable or VerifyKind.Unchecked) KnowsAll = false;
        var finding = new VerifyFinding(kind, repository, digest, objectName, note, repaired);
        Summary.Add(finding);
        report?.Invoke(finding);
    }

    /// <summary>What a row says; null when it makes no sense, which is reported.</summary>
    /// <param name="row">The row.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="again">Whether an earlier pass has read it, and reported it.</param>
    public T? Read<T>(TableRow row, Func<TableRow, T> read, bool again = false)
        where T : class
    {
        try
        {
            return read(row);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException)
        {
            KnowsAll = false;
            if (!again) Report(VerifyKind.Unreadable, $"the row {row.Key.Partition}|{row.Key.Row}: {e.Message}");
            return null;
        }
    }

    /// <summary>Makes a check that may fail without ending the run: then that is what is reported.</summary>
    /// <returns>What the check says; <paramref name="otherwise"/> when it failed.</returns>
    public async Task<T> GuardAsync<T>(string what, T otherwise, Func<Task<T>> check, RepositoryName? repository = null, Digest? digest = null, string? objectName = null)
    {
        try
        {
            return await check();
        }
        catch (Exception e) when (e is StorageUnavailableException or InvalidDataException or FormatException or IOException)
        {
            if (e is StorageUnavailableException && ++_failures >= MaxFailuresInARow) throw;
            Report(VerifyKind.Unchecked, $"{what} could not be checked: {e.Message}", repository, digest, objectName);
            return otherwise;
        }
    }

    /// <summary>As the other overload, for a check that says nothing.</summary>
    public Task GuardAsync(string what, Func<Task> check, RepositoryName? repository = null, Digest? digest = null, string? objectName = null) => GuardAsync(
        what,
        false,
        async () =>
        {
            await check();
            return true;
        },
        repository,
        digest,
        objectName);

    /// <summary>Storage has answered, so it is not down.</summary>
    public void Answered() => _failures = 0;

    public async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        var row = await context.Tables.FindAsync(table, key, cancellationToken);
        Answered();
        return row;
    }

    public async Task<StoredObject?> FindObjectAsync(string name, CancellationToken cancellationToken)
    {
        var found = await context.Objects.FindAsync(name, cancellationToken);
        Answered();
        return found;
    }

    /// <summary>
    /// Whether a row still is as it was read. What it points at was looked for in between: a row that is unchanged has pointed nowhere at that moment, and
    /// all writers see to it that this never is so.
    /// </summary>
    public async Task<bool> IsUnchangedAsync(string table, RowKey key, string etag, CancellationToken cancellationToken) =>
        (await FindAsync(table, key, cancellationToken))?.ETag == etag;

    /// <summary>Whether to repair; asked before each step.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only by now, or a newer release's.</exception>
    public async ValueTask<bool> MayRepairAsync(CancellationToken cancellationToken)
    {
        if (options.Repair) await context.DemandCollectableAsync(cancellationToken);
        return options.Repair;
    }

    /// <summary>Whether to delete bytes that nobody names; asked before each. Nobody has asked for it in so many words, so in read-only mode it is left undone and refuses nothing.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is a newer release's by now.</exception>
    public async ValueTask<bool> MayDeleteOrphansAsync(CancellationToken cancellationToken)
    {
        if (!options.DeleteOrphans || (!options.Repair && (await context.Switches.GetAsync(cancellationToken)).ReadOnly)) return false;
        await context.DemandCollectableAsync(cancellationToken);
        return true;
    }

    /// <summary>Deletes a row if that is wanted and it still is as it was read.</summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> DropAsync(string table, TableRow row, CancellationToken cancellationToken) => await MayRepairAsync(cancellationToken)
        && (await context.Tables.WriteAsync(table, new RowWrite.Delete(row.Key, row.ETag), cancellationToken)).Outcome is WriteOutcome.Done or WriteOutcome.NotFound;

    private bool IsSamePass(VerifyPart part) => part switch
    {
        VerifyPart.Repositories => _at.Links == From.Links,
        VerifyPart.Objects => _at.Objects == From.Objects && _at.Checked == From.Checked,
        _ => true,
    };
}
