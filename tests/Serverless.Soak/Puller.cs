using Serverless.Registry;
using Serverless.Registry.Oci;

namespace Serverless.Soak;

/// <summary>Pulls what was promised, in full.</summary>
internal static class Puller
{
    public static async Task PullAsync(ContainerRegistry registry, Promise promise, Ledger ledger)
    {
        var repository = registry.GetRepository(promise.Repository);
        var missing = await FindMissingAsync(repository, promise);
        // Released before anything of it is deleted: what is gone now was still promised if it is not released now.
        if (missing is not null && !promise.Released) ledger.Lose(promise, missing);
    }

    private static async Task<string?> FindMissingAsync(Repository repository, Promise promise)
    {
        var manifest = promise.Manifest;
        var stored = await repository.Manifests.GetAsync(new Reference(manifest.Digest), default);
        if (stored is null) return "the manifest is not there";
        if (!stored.Payload.Span.SequenceEqual(manifest.Payload.Span)) return "the manifest is another one";
        foreach (var named in manifest.Content.Blobs)
        {
            if (await repository.Blobs.FindAsync(named.Digest, default) is not { } blob) return $"the blob {named.Digest} is not there";
            try
            {
                if (Digest.Compute(named.Digest.Algorithm, await blob.GetBytesAsync(default)) != named.Digest) return $"the blob {named.Digest} has other bytes";
            }
            catch (Exception e) when (e is InvalidDataException or FileNotFoundException or RegistryException)
            {
                return $"the blob {named.Digest} has no bytes";
            }
        }

        return null;
    }
}
