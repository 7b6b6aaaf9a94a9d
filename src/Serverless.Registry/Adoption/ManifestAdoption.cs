using System.Collections.Concurrent;
using System.Text.Json;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Adoption;

/// <summary>Takes over the manifests of one repository as a push would: what a manifest names comes before it.</summary>
/// <param name="run">The run.</param>
/// <param name="repository">The repository.</param>
/// <param name="stored">What distribution has of it.</param>
internal sealed class ManifestAdoption(AdoptRun run, RepositoryName repository, AdoptedRepository stored)
{
    /// <summary>Who has written what an adoption writes, for histories and events.</summary>
    public static readonly ChangeOrigin Origin = ChangeOrigin.Of("adopt");

    private readonly ManifestStore _manifests = new(run.Context, repository, Origin);
    private readonly BlobAdoption _blobs = new(run, repository);
    private readonly ConcurrentDictionary<Digest, Lazy<Task<bool>>> _done = new();

    /// <summary>Takes a manifest over; once, however many indexes name it.</summary>
    /// <returns>Whether it is the repository's, or would be.</returns>
    public Task<bool> AdoptAsync(Digest digest, CancellationToken cancellationToken) =>
        _done.GetOrAdd(digest, _ => new Lazy<Task<bool>>(() => FindAndAdoptAsync(digest, cancellationToken))).Value;

    /// <summary>Whether a manifest was taken over, or would be.</summary>
    public async Task<bool> ContainsAsync(Digest digest) => _done.TryGetValue(digest, out var done) && await done.Value;

    private async Task<bool> FindAndAdoptAsync(Digest digest, CancellationToken cancellationToken)
    {
        // Indexes may name each other in a chain as long as somebody has cared to make it, and a stack has an end.
        await Task.Yield();
        if (await _manifests.FindAsync(new Reference(digest), cancellationToken) is not null)
        {
            run.Progress.AddPresent();
            return true;
        }

        if (await run.ReadAsync(run.Layout.DataOf(digest), run.Context.Options.MaxManifestSize, cancellationToken) is not { } payload)
        {
            var found = await run.Context.Objects.FindAsync(run.Layout.DataOf(digest), cancellationToken);
            if (found is null) run.Report(AdoptFindingKind.Missing, repository, digest.ToString(), $"the bytes of the manifest are not there: {run.Layout.DataOf(digest)}");
            else run.Report(AdoptFindingKind.Refused, repository, digest.ToString(), $"the manifest has {found.Size} bytes, and the limit (Manifests:MaxSize) is {run.Context.Options.MaxManifestSize}");
            return false;
        }

        try
        {
            var manifest = run.Context.Options.ManifestTypes.Parse(MediaTypeOf(payload), payload, digest.Algorithm);
            var problem = manifest.Digest == digest ? await CompleteAsync(manifest, cancellationToken) : $"the bytes that are stored have the digest {manifest.Digest}";
            if (problem is null && !run.Options.DryRun) await _manifests.PutAsync(manifest, [], cancellationToken);
            if (problem is null) run.Progress.AddManifest();
            else run.Report(AdoptFindingKind.Refused, repository, digest.ToString(), problem);
            return problem is null;
        }
        catch (RegistryException e) when (e.Error != RegistryError.Unsupported)
        {
            run.Report(AdoptFindingKind.Refused, repository, digest.ToString(), e.Message);
            return false;
        }
    }

    /// <summary>Takes over what a manifest names.</summary>
    /// <returns>What it cannot do without and is not there; null: nothing.</returns>
    private async Task<string?> CompleteAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        var rules = run.Context.Options.ManifestRules;
        foreach (var child in manifest.Content.Manifests.Where(c => stored.Revisions.Contains(c.Digest)))
        {
            if (!await AdoptAsync(child.Digest, cancellationToken) && !rules.MayChildBeAbsent(child)) return $"the manifest {child.Digest}, which it names, is not taken over";
        }

        // Caches of BuildKit list blobs as children.
        var blobs = manifest.Content.Blobs.Select(b => (Blob: b, MayBeAbsent: rules.MayBlobBeAbsent(manifest, b)))
            .Concat(manifest.Content.Manifests.Where(c => !stored.Revisions.Contains(c.Digest)).Select(c => (Blob: c, MayBeAbsent: rules.MayChildBeAbsent(c))));
        foreach (var (blob, mayBeAbsent) in blobs.DistinctBy(b => b.Blob.Digest))
        {
            if (!stored.Layers.Contains(blob.Digest))
            {
                if (!mayBeAbsent) return $"{blob.Digest}, which it names, is not in the repository";
            }
            else if (await _blobs.AdoptAsync(blob.Digest, blob.Size, cancellationToken) is { } lost && !mayBeAbsent)
            {
                return $"the blob {blob.Digest}, which it names, is not taken over: {lost.Note}";
            }
        }

        return null;
    }

    /// <summary>The type of a manifest that does not say it, as those of OCI need not: as distribution tells it. Null where the manifest says it itself, or cannot be read.</summary>
    private static string? MediaTypeOf(byte[] payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return null;
            if (json.RootElement.TryGetProperty("mediaType", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is { Length: > 0 }) return null;
            return json.RootElement.TryGetProperty("manifests", out var children) && children.ValueKind == JsonValueKind.Array ? MediaTypes.OciIndex : MediaTypes.OciManifest;
        }
        catch (JsonException)
        {
            // The parser says what is wrong.
            return null;
        }
    }
}
