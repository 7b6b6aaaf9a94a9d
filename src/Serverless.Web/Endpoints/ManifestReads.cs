using Serverless.Registry;
using Serverless.Registry.Copying;
using Serverless.Registry.Manifests;
using Serverless.Registry.Mirrors;
using Serverless.Registry.Oci;
using Serverless.Web.Mirrors;

namespace Serverless.Web.Endpoints;

/// <summary>Looks manifests up, in repositories that mirror others and in those that do not.</summary>
internal sealed class ManifestReads(ContainerRegistry registry, MirrorTable mirrors)
{
    /// <summary>Looks a manifest up to be handed on.</summary>
    /// <exception cref="RegistryException">MANIFEST_UNKNOWN; and of a mirror what its source's failure means.</exception>
    public async Task<FoundManifest> OpenAsync(HttpContext http, RepositoryName name, Reference reference) =>
        (mirrors.Find(name) is { } mirror ? await OpenAsync(http, mirror, name, reference) : await registry.GetRepository(name).Manifests.OpenAsync(reference, http.RequestAborted))
        ?? throw new RegistryException(RegistryError.ManifestUnknown);

    /// <summary>Looks a manifest up whose content nobody wants.</summary>
    /// <inheritdoc cref="OpenAsync(HttpContext, RepositoryName, Reference)"/>
    public async Task<Descriptor> FindAsync(HttpContext http, RepositoryName name, Reference reference)
    {
        if (mirrors.Find(name) is not null)
        {
            var found = await OpenAsync(http, name, reference);
            return new Descriptor(found.MediaType, found.Digest, found.Size);
        }

        return await registry.GetRepository(name).Manifests.FindAsync(reference, http.RequestAborted) ?? throw new RegistryException(RegistryError.ManifestUnknown);
    }

    private static async Task<FoundManifest?> OpenAsync(HttpContext http, Mirror mirror, RepositoryName name, Reference reference)
    {
        try
        {
            var found = await mirror.OpenManifestAsync(name, reference, http.RequestAborted);
            // RFC 7234, section 5.5.1: the one header that says so.
            if (found is { IsStale: true }) http.Response.Headers.Warning = "110 - \"Response is Stale\"";
            return found?.Manifest;
        }
        catch (ImageSourceException e)
        {
            throw SourceErrors.ToError(http, e);
        }
    }
}
