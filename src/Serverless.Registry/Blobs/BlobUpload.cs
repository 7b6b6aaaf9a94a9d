using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// An upload session: the writer of a blob that comes in several requests, each of which may be served by another instance. What the session knows is in
/// its row and in the <see cref="State"/> that the client carries.
/// </summary>
public sealed class BlobUpload
{
    private readonly RegistryContext _context;
    private readonly UploadTokens _tokens;
    private readonly BlobLinks _links;
    private readonly RepositoryName _repository;
    private readonly ChangeOrigin _origin;
    private UploadToken _token;

    internal BlobUpload(RegistryContext context, UploadTokens tokens, BlobTarget target, UploadToken token, string state)
    {
        (_context, _tokens, _repository, _origin, _token) = (context, tokens, target.Repository, target.Origin, token);
        _links = new BlobLinks(context, target.Origin);
        State = state;
    }

    /// <summary>The session's id.</summary>
    public Guid Id => _token.Id;

    /// <summary>When the session was started, UTC, to the second.</summary>
    public DateTimeOffset StartedAt => _token.StartedAt;

    /// <summary>What must be shown, together with the id, to go on with the session. It changes when the first chunk is taken.</summary>
    public string State { get; private set; }

    private RowKey Row => TableKeys.Upload(_repository, Id);

    /// <summary>Bytes kept so far.</summary>
    /// <exception cref="RegistryException">BLOB_UPLOAD_UNKNOWN: finished, cancelled or purged.</exception>
    public async Task<long> GetSizeAsync(CancellationToken cancellationToken)
    {
        if (await FindOpenAsync(cancellationToken) is not { } session) return 0;
        // The client may have missed the answer to its first chunk.
        await GoOnAtAsync(session.Offset);
        return session.Offset;
    }

    /// <summary>
    /// Appends a chunk. When the body breaks off, what came is kept, and the failure of the body is thrown. What came is also kept when the sender is cut off because he is slow
    /// while others wait for memory.
    /// </summary>
    /// <param name="body">The chunk.</param>
    /// <param name="range">Where the client says that it belongs; null appends it wherever the upload is.</param>
    /// <param name="cancellationToken">Ends the reading of the body.</param>
    /// <returns>Whether it was taken, and bytes kept so far.</returns>
    /// <exception cref="RegistryException">BLOB_UPLOAD_UNKNOWN; SIZE_INVALID when the body is not as long as the range.</exception>
    public async Task<AppendResult> AppendAsync(PipeReader body, ChunkRange? range, CancellationToken cancellationToken)
    {
        // Without a sign of an earlier chunk this is taken for the first one, and no row is read, unless it is refused for its length: that it is out of order counts before that.
        var session = _token.NeedsRow || range is { First: > 0 } or { IsContradicted: true } ? await FindOpenAsync(cancellationToken) : null;
        var offset = session?.Offset ?? 0;
        // One that does not say where it belongs belongs where its location was given out; a late first one is a repeated one, as its insert would have shown.
        if (range is { } said ? said.First != offset : _token.IsLate || _token.Offset != offset)
        {
            if (session is not null) await GoOnAtAsync(offset);
            return new AppendResult(false, offset);
        }

        range?.DemandLength();
        // From here on only the reading of the body ends with the client: what it sent is to be kept.
        var queued = _context.Announcements.QueueRepositoryAsync(_repository, CancellationToken.None);
        var chunk = await StageChunkAsync(session, body, range, cancellationToken);
        await queued;
        if (!chunk.FitsRange)
        {
            if (session is null && await FindOpenAsync(cancellationToken) is { Offset: > 0 } begun)
            {
                await GoOnAtAsync(begun.Offset);
                return new AppendResult(false, begun.Offset);
            }

            throw new RegistryException(RegistryError.SizeInvalid);
        }

        await _context.DemandWritableAsync(CancellationToken.None);
        var lost = await RecordAsync(chunk);
        // There is a row now, this one's or an earlier one's.
        await GoOnAtAsync(lost?.Size ?? chunk.Session.Offset);
        if (lost is { } refused) return refused;
        var cut = chunk.Broken?.SourceException is RegistryException;
        if (!cut) chunk.Broken?.Throw();
        return new AppendResult(true, chunk.Session.Offset, cut);
    }

    /// <summary>Finishes the upload, with a last chunk if the body has one. Finishing again with the same digest does no harm and succeeds again, for ten minutes.</summary>
    /// <param name="digest">What the client says that the whole is.</param>
    /// <param name="body">The last chunk, or the whole blob of a session that has no chunk yet; may be empty.</param>
    /// <param name="range">Where the client says that the last chunk belongs.</param>
    /// <param name="cancellationToken">Ends the reading, and no write: what has begun to be finished is finished.</param>
    /// <returns>The blob; null when the last chunk does not continue the upload, which stays as it was.</returns>
    /// <exception cref="RegistryException">
    /// BLOB_UPLOAD_UNKNOWN; SIZE_INVALID; DIGEST_INVALID, and the session stays as it was, unless the digest is of another algorithm than SHA-256: then it ends.
    /// TOOMANYREQUESTS, and the session stays as it was: the sender was slow while others waited for memory.
    /// </exception>
    public async Task<Descriptor?> CommitAsync(Digest digest, PipeReader body, ChunkRange? range, CancellationToken cancellationToken)
    {
        var bodyIsEmpty = await body.IsEmptyAsync(cancellationToken);
        var mayBeWhole = !_token.NeedsRow && range is null or { First: 0 };
        if (mayBeWhole && (!bodyIsEmpty || digest.Matches([])))
        {
            try
            {
                range?.DemandLength();
                return await new WholeBlob(_context, _repository, _origin).PutAsync(body, digest, digest.Algorithm, range?.Length, cancellationToken);
            }
            catch (RegistryException e) when (e.Error == RegistryError.SizeInvalid || e.Error == RegistryError.DigestInvalid)
            {
                // It may be a last chunk that was sent to where the upload began: that it is out of order counts before what is wrong with it.
                if (await FindAsync(cancellationToken) is { State: UploadState.Open, Offset: > 0 }) return null;
                throw;
            }
        }

        var session = await FindAsync(cancellationToken);
        if (session is null)
        {
            if (_token.NeedsRow) throw new RegistryException(RegistryError.BlobUploadUnknown);
            // Nothing has come yet: a chunk further on continues nothing, and no bytes at all have another digest.
            return range is { First: > 0 } ? null : throw new RegistryException(RegistryError.DigestInvalid);
        }

        if (!session.IsWhole) throw new RegistryException(RegistryError.BlobUploadInvalid, "bytes of the upload are missing; begin again");
        if (session.State == UploadState.Open)
        {
            if (range is { } said ? said.First != session.Offset : !bodyIsEmpty && _token.Offset != session.Offset) return null;
            range?.DemandLength();
            if (!bodyIsEmpty || range is not null)
            {
                var chunk = await StageChunkAsync(session, body, range, cancellationToken);
                if (!chunk.FitsRange) throw new RegistryException(RegistryError.SizeInvalid);
                chunk.Broken?.Throw();
                session = chunk.Session;
            }

            await _context.DemandWritableAsync(CancellationToken.None);
            if (await ClaimAsync(session, digest) is not { } claimed) return null;
            session = claimed;
        }

        // Ours, or that of an earlier PUT of the same upload: then carry on from whatever it had reached.
        if (session.Digest != digest) throw new RegistryException(RegistryError.DigestInvalid, "the upload was finished with another digest");
        return await new UploadFinish(_context, _links, _repository, Row).RunAsync(session, digest, cancellationToken);
    }

    /// <summary>
    /// Ends the session. Its bytes can never become a blob, but nobody can delete them: on Azure blocks that were never committed are gone after a week. One that has had no chunk can still be finished by a single request with the whole blob: such a request
    /// reads no session.
    /// </summary>
    /// <exception cref="RegistryException">BLOB_UPLOAD_UNKNOWN: ended already; BLOB_UPLOAD_INVALID: it is being finished.</exception>
    public async Task CancelAsync(CancellationToken cancellationToken)
    {
        // {gone} stays behind, even where there was no row: a late chunk must not bring the session back to life.
        var (tried, location) = (false, "");
        // The purge finds the row by the queue.
        await _context.Announcements.QueueRepositoryAsync(_repository, cancellationToken);
        await StorageRetry.RunAsync(async () =>
        {
            var session = await ReadAsync(cancellationToken);
            // Gone after a try of ours: the answer to it was lost, or somebody else cancelled at the same moment.
            if (session?.State == UploadState.Gone && tried) return (true, true);
            if (session?.State == UploadState.Gone || (session is null ? _token.NeedsRow : await IsOverAsync(session, cancellationToken))) throw new RegistryException(RegistryError.BlobUploadUnknown);
            if (session is { State: UploadState.Committing, Digest: { } digest })
            {
                throw await _links.FindLinkAsync(_repository, digest, cancellationToken) is null ? new RegistryException(RegistryError.BlobUploadInvalid, "the upload is being finished") : new RegistryException(RegistryError.BlobUploadUnknown);
            }

            (tried, location) = (true, session?.Location ?? "");
            var gone = (UploadSession.Gone with { Location = location, Others = session?.Others ?? UploadSession.Gone.Others }).ToProperties();
            RowWrite write = session is null ? new RowWrite.Insert(Row, gone) : new RowWrite.Replace(Row, gone, session.ETag!);
            var result = await _context.Tables.WriteAsync(TableKeys.RegistryTable, write, cancellationToken);
            return result.Done ? (true, true) : default;
        }, cancellationToken);
        // An object is there only if somebody finished the upload at the same moment, or where the store drops blocks as well, as that in memory does.
        if (location.Length > 0) await _context.Objects.DeleteAsync(location, null, cancellationToken);
    }

    private async Task<Chunk> StageChunkAsync(UploadSession? session, PipeReader body, ChunkRange? range, CancellationToken cancellationToken)
    {
        session ??= UploadSession.New();
        if (session.BlockCount >= RegistryOptions.MaxBlocks) throw new RegistryException(RegistryError.BlobUploadInvalid, "too many chunks; send larger ones");
        using var hash = session.Hash.Length == 0 ? new Sha256State() : new Sha256State(session.Hash);
        var prefix = BlockPrefix.New();
        await using var stager = new BlockStager(_context, session.Location, prefix, hash, RegistryOptions.MaxBlocks - session.BlockCount);
        var broken = await stager.CopyAsync(body, cancellationToken);
        await stager.FlushAsync();
        var fits = range is not { } said || (broken is null ? stager.Length == said.Length : stager.Length <= said.Length);
        return new Chunk(broken, fits, session with
        {
            Offset = session.Offset + stager.Confirmed,
            Hash = hash.Save(),
            Segments = stager.Staged == 0 ? session.Segments : [.. session.Segments, new Segment(prefix, stager.Staged, stager.Confirmed)],
        });
    }

    /// <summary>Writes the session's row with the new chunk. A client that has gone away does not stop this.</summary>
    /// <returns>Null when it is written; else where another request has brought the upload.</returns>
    private async Task<AppendResult?> RecordAsync(Chunk chunk)
    {
        var properties = chunk.Session.ToProperties();
        RowWrite write = chunk.Session.ETag is { } etag ? new RowWrite.Replace(Row, properties, etag) : new RowWrite.Insert(Row, properties);
        var result = await _context.Tables.WriteAsync(TableKeys.RegistryTable, write, CancellationToken.None);
        if (result.Done) return null;
        // The row that is in the way may be ours, when the answer to a first try was lost; or that of an upload that has no byte yet.
        var now = await FindOpenAsync(CancellationToken.None);
        if (chunk.Session.ETag is null && now is { Offset: 0, Segments.Count: 0, ETag: { } empty })
        {
            result = await _context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Replace(Row, properties, empty), CancellationToken.None);
            if (result.Done) return null;
            now = await FindOpenAsync(CancellationToken.None);
        }

        var ours = now is not null && now.Offset == chunk.Session.Offset && now.Segments.SequenceEqual(chunk.Session.Segments);
        return ours ? null : new AppendResult(false, now?.Offset ?? 0);
    }

    private async Task<UploadSession?> ClaimAsync(UploadSession session, Digest digest)
    {
        var verified = digest.Algorithm == DigestAlgorithm.Sha256;
        if (verified)
        {
            using var hash = session.Hash.Length == 0 ? new Sha256State() : new Sha256State(session.Hash);
            if (hash.FinishDigest() != digest) throw new RegistryException(RegistryError.DigestInvalid);
        }

        var claim = session with { State = UploadState.Committing, Digest = digest, Verified = verified, Hash = [] };
        var result = await _context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Replace(Row, claim.ToProperties(), session.ETag!), CancellationToken.None);
        if (result.Done) return claim with { ETag = result.ETag };
        // Somebody was faster: a chunk, a cancel, or our own first try whose answer was lost.
        return await FindAsync(CancellationToken.None) is { State: UploadState.Committing } now ? now : null;
    }

    // The answer tells where to go on, even to a client that is going away.
    private async Task GoOnAtAsync(long offset)
    {
        _token = _token with { HasRow = true, Offset = offset };
        State = await _tokens.SignAsync(_repository, _token, CancellationToken.None);
    }

    /// <summary>The session when it is open; null when it has no row and needs none.</summary>
    private async Task<UploadSession?> FindOpenAsync(CancellationToken cancellationToken)
    {
        var session = await FindAsync(cancellationToken);
        if (session is null ? _token.NeedsRow : session.State != UploadState.Open) throw new RegistryException(RegistryError.BlobUploadUnknown);
        return session;
    }

    private async Task<UploadSession?> FindAsync(CancellationToken cancellationToken)
    {
        var session = await ReadAsync(cancellationToken);
        if (session is not null && (session.State == UploadState.Gone || await IsOverAsync(session, cancellationToken))) throw new RegistryException(RegistryError.BlobUploadUnknown);
        return session;
    }

    // No call more: whoever writes has asked for what tells the time a moment ago.
    private async ValueTask<bool> IsOverAsync(UploadSession session, CancellationToken cancellationToken) =>
        session.PatienceOf(_context.Options) is { } patience && await _context.Shared.NowAsync(cancellationToken) - session.WrittenAt >= patience;

    private async Task<UploadSession?> ReadAsync(CancellationToken cancellationToken) =>
        await _context.Tables.FindAsync(TableKeys.RegistryTable, Row, cancellationToken) is { } row ? UploadSession.Read(row) : null;

    private sealed record Chunk(ExceptionDispatchInfo? Broken, bool FitsRange, UploadSession Session);
}

/// <summary>What became of a chunk.</summary>
/// <param name="Accepted">Whether it was taken; false: it does not continue the upload, which stays as it was.</param>
/// <param name="Size">Bytes of the upload that are kept.</param>
/// <param name="CutOff">Whether its sender was cut off before its end, for being slow while others waited. He may go on behind what is kept.</param>
public readonly record struct AppendResult(bool Accepted, long Size, bool CutOff = false);

/// <summary>Where a blob is pushed to, and by whom.</summary>
internal sealed record BlobTarget(RepositoryName Repository, ChangeOrigin Origin);
