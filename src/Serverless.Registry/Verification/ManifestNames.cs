using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Looks into a manifest that may name what its repository does not hold: some things may be absent, such as layers that are to be had elsewhere, and platforms and layers that
/// nobody demands.
/// </summary>
internal sealed class ManifestNames(VerifyRun run, RepositoryName repository)
{
    /// <param name="digest">The manifest.</param>
    /// <param name="etag">Its row's version when it was read.</param>
    /// <param name="isOwn">Whether the pass is about the manifest itself, and not only about what it names.</param>
    /// <param name="isHeld">Whether something was among the repository's manifests and links, or another pass is about it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task CheckAsync(Digest digest, string etag, bool isOwn, Func<Digest, bool> isHeld, CancellationToken cancellationToken)
    {
        var (manifest, problem) = await ReadAsync(digest, cancellationToken);
        if (manifest is null)
        {
            if (isOwn && await IsUnchangedAsync()) run.Report(VerifyKind.Unreadable, problem, repository, digest);
            return;
        }

        var rules = run.Context.Options.ManifestRules;
        var demanded = manifest.Content.Blobs.Where(b => !rules.MayBlobBeAbsent(manifest, b)).Select(b => (Named: b, IsChild: false))
            .Concat(manifest.Content.Manifests.Where(c => !rules.MayChildBeAbsent(c)).Select(c => (Named: c, IsChild: true)));
        foreach (var (named, isChild) in demanded.DistinctBy(d => d.Named.Digest).Where(d => !isHeld(d.Named.Digest)))
        {
            // It may have been pushed since the others were read.
            if (await run.FindAsync(TableKeys.BlobsTable, TableKeys.Link(named.Digest, repository), cancellationToken) is not null) continue;
            if (await run.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, named.Digest), cancellationToken) is not null) continue;
            if (!await IsUnchangedAsync()) return;
            run.Report(isChild ? VerifyKind.ManifestWithoutChild : VerifyKind.ManifestWithoutBlob, $"named by the manifest {digest}", repository, named.Digest);
        }

        Task<bool> IsUnchangedAsync() => run.IsUnchangedAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, digest), etag, cancellationToken);
    }

    private async Task<(Manifest? Manifest, string Problem)> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await new ManifestStore(run.Context, repository).GetAsync(new Reference(digest), cancellationToken);
            return stored is null ? (null, "the manifest has no content") : (stored.Parse(run.Context.Options.ManifestTypes), "");
        }
        catch (Exception e) when (e is RegistryException or InvalidDataException or EndOfStreamException)
        {
            return (null, $"the manifest cannot be read: {e.Message}");
        }
    }
}
