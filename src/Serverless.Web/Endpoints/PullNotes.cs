using Serverless.Registry;
using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints;

/// <summary>Notes when tags and manifests were last pulled, where the settings want it.</summary>
internal sealed class PullNotes(ContainerRegistry registry, bool enabled)
{
    /// <summary>Notes a pull. In read-only mode nothing is written.</summary>
    public async Task NoteAsync(RepositoryName name, Reference reference, CancellationToken cancellationToken)
    {
        if (!enabled || (await registry.Switches.GetAsync(cancellationToken)).ReadOnly) return;
        await registry.GetRepository(name).Tags.NotePullAsync(reference, cancellationToken);
    }
}
