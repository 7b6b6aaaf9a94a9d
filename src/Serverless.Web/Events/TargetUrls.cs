using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>Addresses of what events are about.</summary>
/// <param name="publicUrl">The address below which clients find <c>v2</c>; null: none is configured, and no event has an address.</param>
internal sealed class TargetUrls(Uri? publicUrl)
{
    private readonly string? _root = publicUrl?.AbsoluteUri.TrimEnd('/');

    /// <summary>The address of the manifest or blob; null when there is none, as of a repository, of a tag alone, and of what was deleted.</summary>
    public string? Find(RegistryEvent registryEvent) => _root is null || registryEvent.Digest is not { } digest || registryEvent.Action == EventAction.Delete
        ? null
        : $"{_root}/v2/{registryEvent.Repository}/{(registryEvent.IsBlob ? "blobs" : "manifests")}/{digest}";
}
