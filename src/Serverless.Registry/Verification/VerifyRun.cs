using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>What all parts of one run share.</summary>
internal sealed class VerifyRun(RegistryContext context, VerifyOptions options, DateTimeOffset now, Action<VerifyFinding>? report, WalkCursor? cursor)
{
    private readonly VerifyCursor _from = VerifyCursor.Parse(cursor?.From);

    public RegistryContext Context => context;

    public VerifyOptions Options => options;

    public VerifySummary Summary { get; } = new();

    /// <summary>Rows that were written at or after this time may still be about to be used.</summary>
    public DateTimeOffset Cutoff => now - context.Options.Grace;

    /// <summary>Bytes older than this belong to no push that could still be under way: its upload has run out, and a grace besides.</summary>
    public DateTimeOffset BytesCutoff => Cutoff - context.Options.UploadLifetime;

    /// <summary>Whether every row could be read so far, so that everything that is in use is known.</summary>
    public bool KnowsAll { get; private set; } = VerifyCursor.Parse(cursor?.From).KnowsAll;

    /// <summary>Whether an earlier run has looked at the partition. Its rows are read again, because they name bytes; nothing is looked up for them.</summary>
    public bool IsDone(VerifyPart part, string partition) => _from.IsDone(part, partition);

    /// <summary>A partition is done.</summary>
    public async Task ReachAsync(VerifyPart part, string partition, CancellationToken cancellationToken)
    {
        if (cursor is not null && !IsDone(part, partition)) await cursor.ReachedAsync(new VerifyCursor(part, partition, KnowsAll).ToString(), cancellationToken);
    }

    public void Report(
        VerifyKind kind, string note, RepositoryName? repository = null, Digest? digest = null, string? objectName = null, bool repaired = false)
    {
        if (kind == VerifyKind.Unreadable) KnowsAll = false;
        var finding = new VerifyFinding(kind, repository, digest, objectName, note, repaired);
        Summary.Add(finding);
        report?.Invoke(finding);
    }

    /// <summary>What a row says; null when it makes no sense, which is reported.</summary>
    public T? Read<T>(TableRow row, Func<TableRow, T> read)
        where T : class
    {
        try
        {
            return read(row);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException)
        {
            Report(VerifyKind.Unreadable, $"the row {row.Key.Partition}|{row.Key.Row}: {e.Message}");
            return null;
        }
    }

    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => context.Tables.FindAsync(table, key, cancellationToken);

    /// <summary>
    /// Whether a row still is as it was read. What it points at was looked for in between: a row that is unchanged has pointed nowhere at that moment, and
    /// all writers see to it that this never is so.
    /// </summary>
    public async Task<bool> IsUnchangedAsync(string table, RowKey key, string etag, CancellationToken cancellationToken) =>
        (await FindAsync(table, key, cancellationToken))?.ETag == etag;

    /// <summary>Whether to repair; asked before each step.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only by now.</exception>
    public async ValueTask<bool> MayRepairAsync(CancellationToken cancellationToken)
    {
        if (options.Repair) await context.DemandWritableAsync(cancellationToken);
        return options.Repair;
    }

    /// <summary>Deletes a row if that is wanted and it still is as it was read.</summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> DropAsync(string table, TableRow row, CancellationToken cancellationToken) => await MayRepairAsync(cancellationToken)
        && (await context.Tables.WriteAsync(table, new RowWrite.Delete(row.Key, row.ETag), cancellationToken)).Outcome is WriteOutcome.Done or WriteOutcome.NotFound;
}
