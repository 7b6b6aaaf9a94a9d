using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Serverless.Registry.Access;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>The blobs of one repository. The bytes are shared by all repositories that link to them; nobody can read a blob without a link.</summary>
public sealed class BlobStore
{
    private readonly RegistryContext _context;
    private readonly UploadTokens _uploads;
    private readonly RepositoryName _repository;
    private readonly BlobLinks _links;
    private readonly ChangeOrigin _origin;

    internal BlobStore(RegistryContext context, UploadTokens uploads, RepositoryName repository, ChangeOrigin origin)
    {
        (_context, _uploads, _repository, _origin) = (context, uploads, repository, origin);
        _links = new BlobLinks(context, origin);
    }

    /// <summary>Looks a blob up: one round trip to storage. Null when the repository has no link to it.</summary>
    public async Task<Blob?> FindAsync(Digest digest, CancellationToken cancellationToken) =>
        await _links.FindLinkAsync(_repository, digest, cancellationToken) is { } link ? _links.Read(digest, link) : null;

    /// <summary>
    /// As <see cref="FindAsync"/>, for somebody who will rely on the answer and push a manifest: a link that has not been touched for half a grace is touched,
    /// so that it stays until then.
    /// </summary>
    public async Task<Blob?> FindAndKeepAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (await _links.FindLinkAsync(_repository, digest, cancellationToken) is not { } link) return null;
        if (_context.IsYoung(link)) return _links.Read(digest, link);
        // Nothing is collected from a registry that nobody may write to, and nobody can push on the answer.
        if ((await _context.Switches.GetAsync(cancellationToken)).ReadOnly) return _links.Read(digest, link);
        return await _links.TouchAsync(_repository, digest, cancellationToken) ? _links.Read(digest, link) : null;
    }

    /// <summary>Stores a blob that comes whole.</summary>
    /// <param name="content">The content, read once.</param>
    /// <param name="expected">What it must be; null takes it as it is, under SHA-256.</param>
    /// <param name="cancellationToken">Ends the reading of the content.</param>
    /// <exception cref="RegistryException">DIGEST_INVALID: it is something else. Nothing was stored.</exception>
    public Task<Descriptor> PutAsync(PipeReader content, Digest? expected, CancellationToken cancellationToken) =>
        new WholeBlob(_context, _repository, _origin).PutAsync(content, expected, expected?.Algorithm ?? DigestAlgorithm.Sha256, null, cancellationToken);

    /// <summary>Stores a small blob from memory.</summary>
    public Task<Descriptor> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        new WholeBlob(_context, _repository, _origin).PutAsync(content, null, DigestAlgorithm.Sha256, cancellationToken);

    /// <summary>Links a blob of another repository to this one, without moving a byte. The caller has made sure that its client may read the source.</summary>
    /// <returns>The blob; null when the source has no link to it, or no longer.</returns>
    public Task<Blob?> MountAsync(Digest digest, RepositoryName from, CancellationToken cancellationToken) =>
        from == _repository ? FindAndKeepAsync(digest, cancellationToken) : _links.MountAsync(_repository, digest, from, cancellationToken);

    /// <summary>
    /// A repository to mount a blob from for a client that names none: one that links to the blob and that the client may pull from. A bounded number of round trips to storage,
    /// however many repositories link to the blob: at most 16 of the repositories that the rights name are looked up, and 100 links of each of at most 8 patterns.
    /// </summary>
    /// <param name="digest">The blob.</param>
    /// <param name="rights">What the client may do.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The repository; null when none was found, though there may be one.</returns>
    public Task<RepositoryName?> FindSourceAsync(Digest digest, AccessRights rights, CancellationToken cancellationToken) =>
        new MountSources(_context.Tables, _repository).FindAsync(digest, rights, cancellationToken);

    /// <summary>Starts an upload session. Costs no storage operation.</summary>
    public Task<BlobUpload> StartUploadAsync(CancellationToken cancellationToken) => OpenAsync(_uploads.New(DigestAlgorithm.Sha256), cancellationToken);

    /// <summary>
    /// As <see cref="StartUploadAsync"/>, with a row from the start, which costs one storage operation and tells whether the session was finished or cancelled: whoever goes
    /// on with it need not be asked who it is.
    /// </summary>
    public async Task<BlobUpload> StartRecordedUploadAsync(CancellationToken cancellationToken)
    {
        var token = _uploads.New(DigestAlgorithm.Sha256) with { HasRow = true };
        // The purge finds the row by the queue.
        await _context.Announcements.QueueRepositoryAsync(_repository, cancellationToken);
        // A row that is there already can only be this one, when the answer to a first try was lost: nobody else has the id.
        await _context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Insert(TableKeys.Upload(_repository, token.Id), UploadSession.New().ToProperties()), cancellationToken);
        return await OpenAsync(token, cancellationToken);
    }

    /// <summary>Takes up an upload session, on whichever instance.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="state">The last <see cref="BlobUpload.State"/> that was seen of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session; null when the state is not of this session and repository, or has expired.</returns>
    public async Task<BlobUpload?> FindUploadAsync(Guid id, string state, CancellationToken cancellationToken) =>
        await _uploads.FindAsync(_repository, id, state, cancellationToken) is { } token
            ? new BlobUpload(_context, _uploads, new BlobTarget(_repository, _origin), token, state)
            : null;

    /// <summary>Deletes this repository's link. Other repositories keep theirs; the bytes go when nobody has one.</summary>
    /// <returns>False when there was no link.</returns>
    /// <exception cref="RegistryException">UNSUPPORTED: the blob holds the content of a manifest. DENIED: tags of the repository may be immutable.</exception>
    public async Task<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken)
    {
        var finding = _links.FindLinkAsync(_repository, digest, cancellationToken);
        // A manifest too large for its row would be left unreadable.
        var manifest = await _context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(_repository, digest), cancellationToken);
        var link = await finding;
        if (manifest is not null && !ManifestRow.HoldsPayload(manifest))
        {
            throw new RegistryException(RegistryError.Unsupported, "the blob is the content of a manifest; delete the manifest");
        }

        if (link is null) return false;
        // Nobody knows what leads to a blob without reading all manifests, so where anything may be immutable every blob may be part of it.
        if ((await _context.GetImmutabilityAsync(_repository, cancellationToken)).IsAny)
        {
            throw new RegistryException(RegistryError.Denied, "blobs of a repository with immutable tags, or with locks, cannot be deleted; delete manifests, and the blobs that only they name are collected");
        }

        // Gone after it was there: the answer to a try of ours was lost and storage was asked again, or somebody else deleted the blob at the same moment.
        await _links.DeleteAsync(_repository, digest, cancellationToken);
        return true;
    }

    /// <summary>Lists the blobs that this repository links to, in order of their digests.</summary>
    public async IAsyncEnumerable<Descriptor> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hints = RowQuery.Prefix(TableKeys.Encode(_repository), TableKeys.HintPrefix);
        await foreach (var hint in _context.Tables.ListAsync(TableKeys.RegistryTable, hints, cancellationToken))
        {
            // A hint tells of a link that there is or once was.
            var digest = Digest.Parse(hint.Key.Row[TableKeys.HintPrefix.Length..]);
            if (await FindAsync(digest, cancellationToken) is { } blob) yield return blob.Descriptor;
        }
    }

    private async Task<BlobUpload> OpenAsync(UploadToken token, CancellationToken cancellationToken) =>
        new(_context, _uploads, new BlobTarget(_repository, _origin), token, await _uploads.SignAsync(_repository, token, cancellationToken));
}
