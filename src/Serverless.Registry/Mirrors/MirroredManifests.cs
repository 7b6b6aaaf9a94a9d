using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Mirrors;

/// <summary>
/// The manifests of a mirror.
/// <code>
///   by digest, here                              served: one round trip
///   by tag, here, confirmed within its lifetime  served: one round trip; its row's Timestamp is when it was confirmed
///   by tag, here, older                          the source is asked where it points
///       to the same                              the row is touched, and it is served
///       elsewhere                                the new one is read, stored and served
///       nowhere                                  404
///       it does not answer                       served, and said to be stale
///   not here                                     read, stored and served
/// </code>
/// What several ask for at once is asked of the source once.
/// </summary>
internal sealed class MirroredManifests(RegistryContext context, MirrorRule rule, Func<RepositoryName, IMirrorSource> open, SourceState state, IMirrorObserver observer)
{
    // Rows are touched for pulls no more than some times in the time that they are kept.
    private const int TouchesInLifetime = 8;

    private readonly ChangeOrigin _origin = ChangeOrigin.Of($"mirror {rule.Name}");
    private readonly SharedWork<(RepositoryName, Reference), MirroredManifest?> _work = new();

    /// <summary>Reads a manifest; null when there is none.</summary>
    /// <exception cref="ImageSourceException">It is not here, and the source does not answer as it should.</exception>
    public async Task<MirroredManifest?> OpenAsync(RepositoryName repository, Reference reference, CancellationToken cancellationToken)
    {
        var found = await new ManifestStore(context, repository).OpenAsync(reference, cancellationToken);
        if (found is not null && (reference.Digest is not null || IsFresh(found)))
        {
            if (reference.Digest is { } digest) await KeepAsync(repository, digest, found, cancellationToken);
            observer.Asked(rule.Name, MirrorOutcome.Here);
            return new MirroredManifest(found, IsStale: false);
        }

        if (reference.Tag is { } tag && !rule.Mirrors(tag)) return null;
        return await _work.RunAsync((repository, reference), () => RefreshAsync(repository, reference, found), cancellationToken);
    }

    private bool IsFresh(FoundManifest found) => context.TimeProvider.GetUtcNow() - found.Timestamp < rule.TagLifetime;

    private async Task<MirroredManifest?> RefreshAsync(RepositoryName repository, Reference reference, FoundManifest? found)
    {
        try
        {
            var (manifest, outcome) = await AskAsync(repository, reference, found);
            observer.Asked(rule.Name, outcome);
            return manifest is null ? null : new MirroredManifest(manifest, IsStale: false);
        }
        catch (ImageSourceException e)
        {
            state.Failed(e);
            observer.SourceFailed(rule.Name, repository, reference.ToString(), e);
            // Whoever must not read it any more at the source must not read it here.
            if (found is null || !rule.StaleIfDown || e.IsRefusal)
            {
                observer.Asked(rule.Name, MirrorOutcome.Failed);
                throw;
            }
        }
        catch (RegistryException) when (found is not null)
        {
            // Nothing may be written now, or the tag may not be moved.
        }

        observer.Asked(rule.Name, MirrorOutcome.Stale);
        return new MirroredManifest(found, IsStale: true);
    }

    private async Task<(FoundManifest? Manifest, MirrorOutcome Outcome)> AskAsync(RepositoryName repository, Reference reference, FoundManifest? found)
    {
        state.Demand();
        var source = open(rule.NameAtSource(repository));
        if (found is not null && reference.Tag is { } tag)
        {
            // A question costs nothing of what sources allow in a day, other than reading does.
            if (await source.FindTagAsync(tag, CancellationToken.None) is not { } seen) return (null, MirrorOutcome.Absent);
            if (seen.Digest == found.Digest)
            {
                await context.DemandWritableAsync(CancellationToken.None);
                await context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Touch(TableKeys.Tag(repository, tag)), CancellationToken.None);
                return (found, MirrorOutcome.Confirmed);
            }

            if (seen.IsUsedUp) throw new ImageSourceException($"The source of the mirror {rule.Name} says that no more manifests may be read for now.") { IsTransient = true, IsRateLimit = true };
        }

        if (await source.FindManifestAsync(reference, CancellationToken.None) is not { } read) return (null, MirrorOutcome.Absent);
        var manifest = await StoreAsync(repository, read, reference);
        return (new FoundManifest(manifest.MediaType, manifest.Digest, manifest.Payload) { Timestamp = context.TimeProvider.GetUtcNow() }, MirrorOutcome.Fetched);
    }

    private async Task<Manifest> StoreAsync(RepositoryName repository, SourceManifest read, Reference reference)
    {
        try
        {
            var manifest = context.Options.ManifestTypes.Parse(read.MediaType, read.Payload, reference.Digest?.Algorithm ?? DigestAlgorithm.Sha256);
            if (reference.Digest is { } digest && manifest.Digest != digest) throw new ImageSourceException($"The source of the mirror {rule.Name} sent another manifest than {digest}.");
            await new ManifestStore(context, repository, _origin).PutAsync(manifest, reference.Tag is { } tag ? [tag] : [], CancellationToken.None);
            return manifest;
        }
        catch (RegistryException e) when (e.Error.Code == RegistryError.ManifestInvalid.Code)
        {
            throw new ImageSourceException($"The source of the mirror {rule.Name} sent a manifest that this registry does not take: {e.Message}", e);
        }
    }

    // A manifest without a tag is kept for as long as it is pulled.
    private async Task KeepAsync(RepositoryName repository, Digest digest, FoundManifest found, CancellationToken cancellationToken)
    {
        if (context.TimeProvider.GetUtcNow() - found.Timestamp < rule.KeptFor / TouchesInLifetime || (await context.Switches.GetAsync(cancellationToken)).ReadOnly) return;
        await context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Touch(TableKeys.Manifest(repository, digest)), cancellationToken);
    }
}

/// <summary>A manifest of a mirror.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="IsStale">Whether its source could not be asked whether the tag still points there.</param>
public sealed record MirroredManifest(FoundManifest Manifest, bool IsStale);
