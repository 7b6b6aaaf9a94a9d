using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Imports;

/// <summary>
/// The imports that were asked for. Each has a row, and beside it, as long as it has not ended, one that says so, by source and target; both change in one batch:
/// <code>
///   asked for    insert open, insert import        open is there: there is one already
///   run          replace import by its ETag        see <see cref="ImportClaim"/>
///   ended        delete open, replace import by its ETag, without credentials
///   purged       delete import, a month later
/// </code>
/// </summary>
public sealed class ImportStore
{
    // Rows that are looked at for one page of a list, at most.
    private const int MaxScanned = 4000;

    private static readonly TimeSpan s_memory = TimeSpan.FromDays(30);

    private readonly RegistryContext _context;
    private readonly ImportSeal _seal;

    internal ImportStore(RegistryContext context, ImportSeal seal) => (_context, _seal) = (context, seal);

    /// <summary>Asks for an import.</summary>
    /// <param name="request">What is to be imported. Its source can be read, and its target is one of this registry.</param>
    /// <param name="owner">Who asks; null: nobody in particular.</param>
    /// <param name="credentials">What proves to the source who asks, in a form of the caller's own; it is kept sealed until the import ends. Null: nothing.</param>
    /// <param name="maxOpen">How many imports may wait or run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS: too many imports wait already.</exception>
    public async Task<ImportAdded> AddAsync(ImportRequest request, string? owner, byte[]? credentials, int maxOpen, CancellationToken cancellationToken)
    {
        var open = TableKeys.OpenImport(request.Source, request.Target, request.Tag);
        var (rows, now) = await _context.Tables.ReadAllAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.ImportPartition, TableKeys.OpenImportPrefix), cancellationToken);
        if (rows.FirstOrDefault(r => r.Key == open) is { } running && await FindAsync(running.GetString("id"), cancellationToken) is { HasEnded: false } same) return new ImportAdded(same, IsNew: false);
        if (rows.Count >= maxOpen) throw new RegistryException(RegistryError.TooManyRequests, $"{rows.Count} imports have not ended yet, and no more may wait; ask again when some have");
        var id = TableKeys.NewImportId(now);
        var hidden = credentials is { } secret ? await _seal.CloseAsync(id, request, secret, cancellationToken) : null;
        var row = new ImportRow(new Import { Id = id, Owner = owner, Request = request, State = ImportState.Waiting, Created = now }) { Credentials = hidden };
        var batch = (RowWrite[])[new RowWrite.Insert(open, new Dictionary<string, object> { ["id"] = id }), new RowWrite.Insert(TableKeys.Import(id), row.ToProperties())];
        var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, batch, cancellationToken);
        if (result.Done) return new ImportAdded(row.Import, IsNew: true);
        // Somebody else's of the same moment, or our own, when the answer to a first try was lost.
        var there = await _context.Tables.FindAsync(TableKeys.SystemTable, open, cancellationToken) is { } found ? found.GetString("id") : id;
        return await FindAsync(there, cancellationToken) is { } import ? new ImportAdded(import, IsNew: there == id) : throw new StorageUnavailableException("The import of somebody else that was in the way has just ended.");
    }

    /// <summary>Looks an import up: one call. Null when there is none, or none any more.</summary>
    public async Task<Import?> FindAsync(string id, CancellationToken cancellationToken) =>
        await FindRowAsync(id, cancellationToken) is { } row ? row.Show(await NowAsync(cancellationToken)) : null;

    /// <summary>A page of the imports, the newest first: a call for each thousand rows that are looked at, and at most 4,000 of them, so a page may be short and still have a successor.</summary>
    /// <param name="count">Imports in the page, at most.</param>
    /// <param name="cursor">The cursor of the page before; null at the beginning.</param>
    /// <param name="isShown">Which of them are listed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImportPage> ListPageAsync(int count, string? cursor, Func<Import, bool> isShown, CancellationToken cancellationToken)
    {
        var query = RowQuery.PrefixAfter(TableKeys.ImportPartition, TableKeys.ImportPrefix, cursor);
        var now = await NowAsync(cancellationToken);
        List<Import> imports = [];
        string? continuation = null;
        for (var scanned = 0; scanned < MaxScanned;)
        {
            var page = await _context.Tables.QueryAsync(TableKeys.SystemTable, query, continuation, cancellationToken);
            foreach (var row in page.Rows)
            {
                scanned++;
                var import = ImportRow.Read(row).Show(now);
                if (!isShown(import)) continue;
                if (imports.Count == count) return new ImportPage(imports, imports[^1].Id);
                imports.Add(import);
            }

            if (page.Continuation is null) return new ImportPage(imports, null);
            continuation = page.Continuation;
            cursor = TableKeys.ImportId(page.Rows.Count > 0 ? page.Rows[^1].Key : TableKeys.Import(cursor ?? ""));
        }

        return new ImportPage(imports, cursor);
    }

    /// <summary>Ends an import. Whoever is at it finds out within some seconds, and what it writes meanwhile stays.</summary>
    /// <returns>The import as it is then, ended in one way or another; null when there is none.</returns>
    public async Task<Import?> CancelAsync(string id, CancellationToken cancellationToken) => await StorageRetry.RunAsync<Import?>(async () =>
    {
        if (await FindRowAsync(id, cancellationToken) is not { } row) return (true, null);
        if (row.Import.HasEnded) return (true, row.Import);
        return await TryEndAsync(row, ImportState.Cancelled, null, cancellationToken) is { } ended ? (true, ended.Import) : default;
    }, cancellationToken);

    /// <summary>Looks for imports that have not ended, and drops those that ended a month ago. One call where there are few, and where there are none at all.</summary>
    /// <returns>The ids of those that have not ended, the oldest first, and how many were dropped.</returns>
    public async Task<(IReadOnlyList<string> Open, int Purged)> SweepAsync(CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.ImportPartition, TableKeys.ImportPrefix) with { Select = ["ended"] };
        var (rows, now) = await _context.Tables.ReadAllAsync(TableKeys.SystemTable, query, cancellationToken);
        List<TableRow> old = [.. rows.Where(r => r.FindTime("ended") is { } ended && now - ended > s_memory)];
        if (old.Count > 0) await _context.Tables.DeleteUnchangedAsync(TableKeys.SystemTable, old, cancellationToken);
        return ([.. rows.Where(r => r.FindTime("ended") is null).Select(r => TableKeys.ImportId(r.Key)).Reverse()], old.Count);
    }

    internal async Task<ImportRow?> FindRowAsync(string id, CancellationToken cancellationToken) =>
        TableKeys.IsImportId(id) && await _context.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Import(id), cancellationToken) is { } row ? ImportRow.Read(row) : null;

    /// <summary>Writes a row by the ETag that was read.</summary>
    /// <returns>The row as it is now; null when somebody else has changed it, or an answer of ours was lost.</returns>
    internal async Task<ImportRow?> TryReplaceAsync(ImportRow row, CancellationToken cancellationToken)
    {
        var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(TableKeys.Import(row.Import.Id), row.ToProperties(), row.ETag), cancellationToken);
        return result.Done ? row with { ETag = result.ETag! } : null;
    }

    /// <summary>Ends an import by the ETag that was read. What proves to the source who asks is gone with that.</summary>
    /// <returns>The row as it is now, whose ETag is not known; null when somebody else has changed it, or an answer of ours was lost.</returns>
    internal async Task<ImportRow?> TryEndAsync(ImportRow row, ImportState state, string? reason, CancellationToken cancellationToken)
    {
        var ended = row with
        {
            Import = row.Import with { State = state, Reason = reason, Ended = await NowAsync(cancellationToken), Next = null },
            Until = null,
            Cursor = null,
            Credentials = null,
            Uploads = new Dictionary<Digest, UploadNote>(),
        };
        var batch = (RowWrite[])[new RowWrite.Delete(row.OpenKey, "*"), new RowWrite.Replace(TableKeys.Import(row.Import.Id), ended.ToProperties(), row.ETag)];
        var result = await _context.Tables.WriteAsync(TableKeys.SystemTable, batch, cancellationToken);
        // Of a row that somebody has deleted by hand nothing need be deleted.
        if (result.Outcome == WriteOutcome.NotFound) return await TryReplaceAsync(ended, cancellationToken);
        return result.Done ? ended : null;
    }

    internal ValueTask<byte[]?> OpenAsync(ImportRow row, byte[] credentials, CancellationToken cancellationToken) => _seal.OpenAsync(row.Import.Id, row.Import.Request, credentials, cancellationToken);

    /// <summary>What time it is at storage; a call at most once in five seconds.</summary>
    public ValueTask<DateTimeOffset> NowAsync(CancellationToken cancellationToken) => _context.Shared.NowAsync(cancellationToken);
}

/// <summary>An import that was asked for.</summary>
/// <param name="Import">The import.</param>
/// <param name="IsNew">Whether it was made by this request; false: there was one from there to there that has not ended.</param>
public sealed record ImportAdded(Import Import, bool IsNew);

/// <summary>A page of imports.</summary>
/// <param name="Imports">The imports, the newest first.</param>
/// <param name="Cursor">Where the next page begins; null: this was the last.</param>
public sealed record ImportPage(IReadOnlyList<Import> Imports, string? Cursor);
