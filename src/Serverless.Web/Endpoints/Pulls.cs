using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Events;

namespace Serverless.Web.Endpoints;

/// <summary>Notes when tags and manifests were last pulled, where the settings want it, and tells endpoints of pulls, where they do.</summary>
internal sealed class Pulls(ContainerRegistry registry, CallerRepositories repositories, PullEvents events, bool noted)
{
    /// <summary>Notes a pull. In read-only mode nothing is written.</summary>
    public async Task NoteAsync(RepositoryName name, Reference reference, CancellationToken cancellationToken)
    {
        // What a mirror holds goes by when it was last pulled.
        if (!noted && registry.Options.FindMirror(name) is null) return;
        var tags = registry.GetRepository(name).Tags;
        if (tags.IsPullNoted(reference) || (await registry.Switches.GetAsync(cancellationToken)).ReadOnly) return;
        await tags.NotePullAsync(reference, cancellationToken);
    }

    /// <summary>Tells of the pull of a manifest. Returns at once.</summary>
    public void Tell(HttpContext http, Caller caller, RepositoryName name, Descriptor manifest, Tag? tag)
    {
        if (events.Wants(name, isBlob: false)) events.Tell(new Pull(name, manifest, tag, IsBlob: false, repositories.OriginOf(http, caller)));
    }

    /// <summary>Tells of the pull of a blob, or of a part of it. Returns at once.</summary>
    public void Tell(HttpContext http, Caller caller, RepositoryName name, Descriptor blob)
    {
        if (events.Wants(name, isBlob: true)) events.Tell(new Pull(name, blob, null, IsBlob: true, repositories.OriginOf(http, caller)));
    }
}
