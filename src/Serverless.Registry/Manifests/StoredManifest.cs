using Serverless.Registry.Oci;

namespace Serverless.Registry.Manifests;

/// <summary>A manifest as it is stored: the exact bytes that were pushed.</summary>
/// <param name="MediaType">The type it was pushed as.</param>
/// <param name="Digest">The digest of the bytes.</param>
/// <param name="Payload">The bytes.</param>
public sealed record StoredManifest(string MediaType, Digest Digest, ReadOnlyMemory<byte> Payload)
{
    /// <summary>What the bytes say.</summary>
    /// <param name="types">The types that the registry accepts.</param>
    public Manifest Parse(ManifestTypes types) => types.Parse(MediaType, Payload, Digest.Algorithm);
}
