using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Imports;

/// <summary>
/// An import that a run is at, for some seconds, unless it writes again; it does so by itself, with what has been done, until it is disposed of. A run that dies is followed by another
/// soon, and of two that believe to be at it only one can write.
/// <code>
///   waiting ---- claim ----> running, until ---- end ------> succeeded, failed
///      ^                      |    ^  |
///      |                      |    '--' renewed, with what has been done
///      '--- released, or until has passed
/// </code>
/// A write whose answer was lost is known by the run's random id.
/// </summary>
internal sealed class ImportClaim : IAsyncDisposable
{
    /// <summary>For how long an import is a run's that does not write.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private readonly ImportStore _store;
    private readonly Func<ImportRow, ImportRow> _note;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _renewing;

    private ImportClaim(ImportStore store, ImportRow row, Func<ImportRow, ImportRow> note, TimeProvider time)
    {
        (_store, Row, _note) = (store, row, note);
        _lost = new CancellationTokenSource(Life, time);
        _renewing = RenewAsync(time);
    }

    /// <summary>The row as this run wrote it last.</summary>
    public ImportRow Row { get; private set; }

    /// <summary>Cancelled when the import is not this run's any more: somebody has ended it, or storage has not been reached for so long that another run may be at it.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Claims an import.</summary>
    /// <param name="context">The registry.</param>
    /// <param name="store">Where the row is.</param>
    /// <param name="id">The import.</param>
    /// <param name="note">Adds to a row what has been done; called whenever one is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The claim; or, without one, when it is worthwhile to come back: null, never.</returns>
    public static async Task<(ImportClaim? Claim, DateTimeOffset? Next)> TryAsync(
        RegistryContext context, ImportStore store, string id, Func<ImportRow, ImportRow> note, CancellationToken cancellationToken)
    {
        if (await store.FindRowAsync(id, cancellationToken) is not { Import.HasEnded: false } row) return (null, null);
        var now = await store.NowAsync(cancellationToken);
        if (row.IsHeld(now)) return (null, row.Until);
        if (row.Import.Next > now) return (null, row.Import.Next);
        var claimed = row with
        {
            Import = row.Import with { State = ImportState.Running, Next = null },
            Holder = Guid.NewGuid().ToString("N"),
            Until = now + Life,
        };
        if (await store.TryReplaceAsync(claimed, cancellationToken) is { } written) return (new ImportClaim(store, written, note, context.TimeProvider), null);
        // Our own, if the answer to a first try was lost.
        return await store.FindRowAsync(id, cancellationToken) is { } there && there.Holder == claimed.Holder
            ? (new ImportClaim(store, there, note, context.TimeProvider), null)
            : (null, now + Life);
    }

    /// <summary>Notes the upload of a blob at once.</summary>
    public Task NoteUploadAsync(Digest digest, UploadNote? note, CancellationToken cancellationToken) => WriteAsync(row =>
    {
        var uploads = new Dictionary<Digest, UploadNote>(row.Uploads);
        if (note is null) uploads.Remove(digest);
        else uploads[digest] = note;
        return row with { Uploads = uploads };
    }, cancellationToken);

    /// <summary>Lets another run have it, at once or later. Nothing happens if it is not this run's any more.</summary>
    public Task ReleaseAsync(Func<Import, Import> change, string? cursor, CancellationToken cancellationToken) => WriteAsync(row => row with
    {
        Import = change(row.Import) with { State = ImportState.Waiting },
        Until = null,
        Cursor = cursor,
    }, cancellationToken);

    /// <summary>Ends the import. Nothing happens if it is not this run's any more.</summary>
    public async Task EndAsync(ImportState state, string? reason, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await StorageRetry.RunAsync(async () =>
            {
                if (Lost.IsCancellationRequested || await _store.TryEndAsync(_note(Row), state, reason, cancellationToken) is not null) return (true, true);
                return await FindOwnAsync(cancellationToken) ? default : (true, false);
            }, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _renewing;
        _over.Dispose();
        _lost.Dispose();
        _writing.Dispose();
    }

    private async Task RenewAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_between, time, _over.Token);
                try
                {
                    await WriteAsync(static row => row, _over.Token);
                }
                catch (StorageUnavailableException)
                {
                    // The next time may be better; after some of them the claim is lost.
                }
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Disposed of.
        }
    }

    private async Task WriteAsync(Func<ImportRow, ImportRow> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await StorageRetry.RunAsync(async () =>
            {
                if (Lost.IsCancellationRequested) return (true, false);
                var row = change(_note(Row)) with { Until = await _store.NowAsync(cancellationToken) + Life };
                if (await _store.TryReplaceAsync(row.Import.State == ImportState.Running ? row : row with { Until = null }, cancellationToken) is { } written)
                {
                    Row = written;
                    _lost.CancelAfter(Life);
                    return (true, true);
                }

                return await FindOwnAsync(cancellationToken) ? default : (true, false);
            }, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <returns>Whether the import is still this run's; if so, its version is known from now on.</returns>
    private async Task<bool> FindOwnAsync(CancellationToken cancellationToken)
    {
        if (await _store.FindRowAsync(Row.Import.Id, cancellationToken) is { Import.HasEnded: false } there && there.Holder == Row.Holder)
        {
            Row = Row with { ETag = there.ETag };
            return true;
        }

        await _lost.CancelAsync();
        return false;
    }
}
