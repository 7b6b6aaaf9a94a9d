using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Delivery;

/// <summary>What the manifests of events name. It is read when the event is delivered: what was deleted meanwhile is remembered for a grace, and after that names nothing.</summary>
internal sealed class EventReferences(RegistryContext context)
{
    private (RepositoryName Repository, Digest Digest, IReadOnlyList<Descriptor> References)? _last;

    public async Task<IReadOnlyList<Descriptor>> OfAsync(RegistryEvent registryEvent, CancellationToken cancellationToken)
    {
        if (registryEvent.IsBlob || registryEvent.Action == EventAction.Delete || registryEvent.Digest is not { } digest) return [];
        // The tags of one push come one after the other.
        if (_last is { } last && last.Repository == registryEvent.Repository && last.Digest == digest) return last.References;
        var references = await ReadAsync(registryEvent.Repository, digest, cancellationToken);
        _last = (registryEvent.Repository, digest, references);
        return references;
    }

    private async Task<IReadOnlyList<Descriptor>> ReadAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        return await context.EventReferences.RunAsync(() => ReadManifestAsync(repository, digest, cancellationToken), cancellationToken);
    }

    private async Task<IReadOnlyList<Descriptor>> ReadManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await new ManifestStore(context, repository).GetAsync(new Reference(digest), cancellationToken);
            var manifest = stored?.Parse(context.Options.ManifestTypes) ?? await new ManifestUndelete(context, repository).ReadAsync(digest, cancellationToken);
            return manifest is null ? [] : [.. manifest.References];
        }
        catch (Exception e) when (e is RegistryException or FormatException or InvalidDataException)
        {
            // It was pushed by another release, or cannot be read; the event is told without it.
            return [];
        }
    }
}
