using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Compares the rows of one repository with each other and with its links. They come in order of their keys: hints, manifests, referrers, tags, uploads. So
/// when a tag comes all manifests are known; of a repository with more than are held at a time the others are looked up.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="repository">The repository.</param>
/// <param name="links">The blobs that it links to, of those that the pass is about.</param>
/// <param name="range">What the pass is about.</param>
/// <param name="done">Whether an earlier run has compared it, and its rows are only read for the bytes that they name.</param>
internal sealed class RepositoryCheck(VerifyRun run, RepositoryName repository, DigestSet links, LinkRange range, bool done)
{
    private readonly string _key = TableKeys.Encode(repository);
    private readonly DigestSet _hints = new();
    private readonly DigestSet _manifests = new();
    private readonly List<Open> _open = [];
    private int _openNames;

    public async Task AddAsync(TableRow row, ObjectInventory? objects, CancellationToken cancellationToken)
    {
        switch (row.Key.Row[..Math.Min(2, row.Key.Row.Length)])
        {
            case TableKeys.HintPrefix when Read(row, Entry.Hint) is { } hint && IsHere(hint.Digest):
                await CheckHintAsync(row, hint.Digest, cancellationToken);
                break;
            case TableKeys.ManifestPrefix when Read(row, Entry.Manifest) is { } manifest:
                await AddManifestAsync(row, manifest, cancellationToken);
                break;
            case TableKeys.ReferrersPrefix when Read(row, Entry.Referrer) is { } referrer && IsHere(referrer.Digest):
                await CheckTargetAsync(VerifyKind.ReferrerWithoutManifest, row, referrer.Digest, "listed as a referrer", cancellationToken);
                break;
            case TableKeys.TagPrefix when Read(row, Entry.Tag) is { } tag && IsHere(tag.Digest):
                run.Summary.Tags++;
                var name = $"the tag {row.Key.Row[TableKeys.TagPrefix.Length..]}";
                CheckContent(row, tag.Digest, $" of {name}");
                await CheckTargetAsync(VerifyKind.TagWithoutManifest, row, tag.Digest, $"pointed at by {name}", cancellationToken);
                break;
            case TableKeys.UploadPrefix when objects is not null && Read(row, UploadSession.Read) is { } session:
                objects.Take(session.Location);
                break;
        }
    }

    /// <summary>All rows have come.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (done) return;
        foreach (var digest in links.OrderedExcept(_hints))
        {
            await run.GuardAsync($"the link to {digest}", () => CheckLinkAsync(digest, cancellationToken), repository, digest);
        }

        await CloseAsync(cancellationToken);
    }

    // A row that cannot be read is told of by the pass that has the beginning of the repository.
    private T? Read<T>(TableRow row, Func<TableRow, T> read)
        where T : class => run.Read(row, read, again: range.From.Repository == _key && range.From.Digest.Length > 0);

    private bool IsHere(Digest digest) => range.Covers(_key, digest);

    private bool IsHeld(Digest digest) => !IsHere(digest) || links.Contains(digest) || _manifests.Contains(digest);

    private async Task AddManifestAsync(TableRow row, Entry manifest, CancellationToken cancellationToken)
    {
        if (IsHere(manifest.Digest))
        {
            run.Summary.Manifests++;
            if (_manifests.Count < run.Options.MostAtOnce) _manifests.Add(manifest.Digest);
            CheckContent(row, manifest.Digest, "");
        }

        if (done) return;
        // One that names itself has its content in a blob. What else is not held may come yet.
        var names = manifest.References?.Where(r => r == manifest.Digest ? IsHere(r) && !links.Contains(r) : !IsHeld(r)).ToList();
        if (names is { Count: 0 }) return;
        _open.Add(new Open(manifest.Digest, manifest.ETag, names));
        _openNames += 1 + (names?.Count ?? 0);
        if (_openNames > run.Options.MostAtOnce / 4) await CloseAsync(cancellationToken);
    }

    /// <summary>Looks for what manifests name and is not held by now.</summary>
    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        foreach (var (digest, etag, names) in _open)
        {
            if (names is not null && names.All(n => n == digest ? links.Contains(n) : IsHeld(n))) continue;
            var check = new ManifestNames(run, repository);
            await run.GuardAsync($"the manifest {digest}", () => check.CheckAsync(digest, etag, IsHere(digest), IsHeld, cancellationToken), repository, digest);
        }

        _open.Clear();
        _openNames = 0;
    }

    // A hint is written before its link and deleted after it, so it may be without one; but then the collector is going to look.
    private async Task CheckHintAsync(TableRow row, Digest digest, CancellationToken cancellationToken)
    {
        if (links.Contains(digest)) _hints.Add(digest);
        else if (!done && row.Timestamp < run.Cutoff) await run.GuardAsync($"the hint of {digest}", () => LookForLinkAsync(row, digest, cancellationToken), repository, digest);
    }

    private async Task LookForLinkAsync(TableRow row, Digest digest, CancellationToken cancellationToken)
    {
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
        if (!done && !_manifests.Contains(manifest)) await run.GuardAsync($"what is {note}", LookAsync, repository, manifest);

        async Task LookAsync()
        {
            if (await run.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, manifest), cancellationToken) is not null) return;
            if (await run.IsUnchangedAsync(TableKeys.RegistryTable, row.Key, row.ETag, cancellationToken)) run.Report(kind, note, repository, manifest);
        }
    }

    private void CheckContent(TableRow row, Digest digest, string where)
    {
        if (done || !run.Options.RehashDigests || LargeBinary.Find(row, ManifestRow.PayloadProperty) is not { } payload) return;
        run.Summary.HashedBytes += payload.Length;
        if (!digest.Matches(payload.Span)) run.Report(VerifyKind.WrongContent, $"the content in the row{where} has another digest", repository, digest);
    }

    /// <summary>A manifest that names what was not held when it came; or that must be read to learn what it names, where that is null.</summary>
    private sealed record Open(Digest Digest, string ETag, List<Digest>? Names);

    /// <summary>What is read of a row: not its content.</summary>
    private sealed record Entry(Digest Digest, string ETag, IReadOnlyList<Digest>? References = null)
    {
        public static Entry Hint(TableRow row) => new(Digest.Parse(row.Key.Row[TableKeys.HintPrefix.Length..]), row.ETag);

        public static Entry Manifest(TableRow row)
        {
            var digest = Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]);
            // What a mirror's manifest names is at its source; only its own content must be here.
            return new(digest, row.ETag, ManifestRow.IsMirrored(row) ? [.. ManifestRow.FindReferences(row)?.Where(r => r == digest) ?? []] : ManifestRow.FindReferences(row));
        }

        public static Entry Referrer(TableRow row) => new(TableKeys.ReferrerDigest(row.Key), row.ETag);

        public static Entry Tag(TableRow row) => new(ManifestRow.TagDigest(row), row.ETag);
    }
}
