using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Compares the rows of one repository with each other and with its links. They come in order of their keys: hints, manifests, referrers, tags, uploads. So
/// when a tag comes all manifests are known.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="repository">The repository.</param>
/// <param name="links">The blobs that it links to.</param>
/// <param name="done">Whether an earlier run has compared it, and its rows are only read for the bytes that they name.</param>
internal sealed class RepositoryCheck(VerifyRun run, RepositoryName repository, HashSet<Digest> links, bool done)
{
    private readonly HashSet<Digest> _hints = [];
    private readonly Dictionary<Digest, Entry> _manifests = [];

    public async Task AddAsync(TableRow row, ObjectInventory objects, CancellationToken cancellationToken)
    {
        switch (row.Key.Row[..Math.Min(2, row.Key.Row.Length)])
        {
            case TableKeys.HintPrefix when run.Read(row, Entry.Hint) is { } hint:
                await CheckHintAsync(row, hint.Digest, cancellationToken);
                break;
            case TableKeys.ManifestPrefix when run.Read(row, Entry.Manifest) is { } manifest:
                run.Summary.Manifests++;
                _manifests.Add(manifest.Digest, manifest);
                CheckContent(row, manifest.Digest, "");
                break;
            case TableKeys.ReferrersPrefix when run.Read(row, Entry.Referrer) is { } referrer:
                await CheckTargetAsync(VerifyKind.ReferrerWithoutManifest, row, referrer.Digest, "listed as a referrer", cancellationToken);
                break;
            case TableKeys.TagPrefix when run.Read(row, Entry.Tag) is { } tag:
                run.Summary.Tags++;
                var name = $"the tag {row.Key.Row[TableKeys.TagPrefix.Length..]}";
                CheckContent(row, tag.Digest, $" of {name}");
                await CheckTargetAsync(VerifyKind.TagWithoutManifest, row, tag.Digest, $"pointed at by {name}", cancellationToken);
                break;
            case TableKeys.UploadPrefix when run.Read(row, UploadSession.Read) is { } session:
                objects.Take(session.Location);
                break;
        }
    }

    /// <summary>All rows have come.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (done) return;
        foreach (var digest in links.Where(l => !_hints.Contains(l)).OrderBy(l => l.ToString(), StringComparer.Ordinal)) await CheckLinkAsync(digest, cancellationToken);
        foreach (var manifest in _manifests.Values)
        {
            // A manifest that names itself has its content in a blob.
            if (manifest.References is { } references && references.All(r => r == manifest.Digest ? links.Contains(r) : IsHeld(r))) continue;
            await new ManifestNames(run, repository).CheckAsync(manifest.Digest, manifest.ETag, IsHeld, cancellationToken);
        }
    }

    private bool IsHeld(Digest digest) => links.Contains(digest) || _manifests.ContainsKey(digest);

    // A hint is written before its link and deleted after it, so it may be without one; but then the collector is going to look.
    private async Task CheckHintAsync(TableRow row, Digest digest, CancellationToken cancellationToken)
    {
        _hints.Add(digest);
        if (done || links.Contains(digest) || row.Timestamp >= run.Cutoff) return;
        if (await run.FindAsync(TableKeys.BlobsTable, TableKeys.Link(digest, repository), cancellationToken) is not null) return;
        if (await run.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(repository), cancellationToken) is not null) return;
        if (!await run.IsUnchangedAsync(TableKeys.RegistryTable, row.Key, row.ETag, cancellationToken)) return;
        var gone = await run.DropAsync(TableKeys.RegistryTable, row, cancellationToken);
        run.Report(VerifyKind.HintWithoutLink, "a hint of a link that is not there", repository, digest, repaired: gone);
    }

    private async Task CheckLinkAsync(Digest digest, CancellationToken cancellationToken)
    {
        var key = TableKeys.Link(digest, repository);
        if (await run.FindAsync(TableKeys.BlobsTable, key, cancellationToken) is not { } link) return;
        if (await run.FindAsync(TableKeys.RegistryTable, TableKeys.Hint(repository, digest), cancellationToken) is not null) return;
        if (!await run.IsUnchangedAsync(TableKeys.BlobsTable, key, link.ETag, cancellationToken)) return;
        if (await run.MayRepairAsync(cancellationToken))
        {
            await run.Context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
            await run.Context.Tables.WriteAsync(TableKeys.RegistryTable, RowWrite.Note(TableKeys.Hint(repository, digest)), cancellationToken);
        }

        run.Report(VerifyKind.LinkWithoutHint, "a link that the collector cannot find", repository, digest, repaired: run.Options.Repair);
    }

    // Tags and referrers come and go with their manifests, in one batch.
    private async Task CheckTargetAsync(VerifyKind kind, TableRow row, Digest manifest, string note, CancellationToken cancellationToken)
    {
        if (done || _manifests.ContainsKey(manifest)) return;
        if (await run.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, manifest), cancellationToken) is not null) return;
        if (await run.IsUnchangedAsync(TableKeys.RegistryTable, row.Key, row.ETag, cancellationToken)) run.Report(kind, note, repository, manifest);
    }

    private void CheckContent(TableRow row, Digest digest, string where)
    {
        if (done || !run.Options.RehashDigests || LargeBinary.Find(row, ManifestRow.PayloadProperty) is not { } payload) return;
        run.Summary.HashedBytes += payload.Length;
        if (!digest.Matches(payload.Span)) run.Report(VerifyKind.WrongContent, $"the content in the row{where} has another digest", repository, digest);
    }

    /// <summary>What is kept of a row: not its content.</summary>
    private sealed record Entry(Digest Digest, string ETag, IReadOnlyList<Digest>? References = null)
    {
        public static Entry Hint(TableRow row) => new(Digest.Parse(row.Key.Row[TableKeys.HintPrefix.Length..]), row.ETag);

        public static Entry Manifest(TableRow row) => new(Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]), row.ETag, ManifestRow.FindReferences(row));

        public static Entry Referrer(TableRow row) => new(TableKeys.ReferrerDigest(row.Key), row.ETag);

        public static Entry Tag(TableRow row) => new(ManifestRow.TagDigest(row), row.ETag);
    }
}
