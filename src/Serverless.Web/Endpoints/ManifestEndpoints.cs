using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/NAME/manifests/REFERENCE</c></summary>
internal sealed class ManifestEndpoints(ContainerRegistry registry, ManifestReads reads, CallerRepositories repositories, Locations locations, Pulls pulls) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Manifest r, "GET") => (http, caller) => GetAsync(http, r, caller),
        (RegistryRoute.Manifest r, "HEAD") => (http, _) => HeadAsync(http, r),
        (RegistryRoute.Manifest r, "PUT") => (http, caller) => PutAsync(http, r, caller),
        (RegistryRoute.Manifest r, "DELETE") => (http, caller) => DeleteAsync(http, r, caller),
        _ => null,
    };

    private async Task GetAsync(HttpContext http, RegistryRoute.Manifest route, Caller caller)
    {
        var reference = RouteValues.ParseReference(route.Reference);
        var manifest = await reads.OpenAsync(http, route.Name, reference);
        // While the answer is on its way; hardly ever more than a look into memory.
        var noted = pulls.NoteAsync(route.Name, reference, http.RequestAborted);
        if (!Preconditions.Answer(http, manifest.Digest))
        {
            Describe(http.Response, manifest.MediaType, manifest.Digest, manifest.Size);
            await manifest.CopyToAsync(http.Response.Body, http.RequestAborted);
            pulls.Tell(http, caller, route.Name, new Descriptor(manifest.MediaType, manifest.Digest, manifest.Size), reference.Tag);
        }

        await noted;
    }

    private async Task HeadAsync(HttpContext http, RegistryRoute.Manifest route)
    {
        var reference = RouteValues.ParseReference(route.Reference);
        var manifest = await reads.FindAsync(http, route.Name, reference);
        // Whoever has the image already asks for its tag and pulls nothing. A digest is asked for by those who push.
        if (reference.Tag is not null) await pulls.NoteAsync(route.Name, reference, http.RequestAborted);
        if (Preconditions.Answer(http, manifest.Digest)) return;
        Describe(http.Response, manifest.MediaType, manifest.Digest, manifest.Size);
    }

    private async Task PutAsync(HttpContext http, RegistryRoute.Manifest route, Caller caller)
    {
        var repository = repositories.Get(http, route.Name, caller);
        Digest? expected = route.Reference.Contains(':', StringComparison.Ordinal) ? RouteValues.ParseDigest(route.Reference) : null;
        List<Tag> tags = expected is null ? [RouteValues.ParseTag(route.Reference)] : [];
        tags.AddRange(http.Request.Query["tag"].Select(RouteValues.ParseTag));

        var quota = await registry.Quotas.DemandAsync(route.Name, 0, http.RequestAborted);
        using var received = await repository.Manifests.ReceiveAsync(http.Request.BodyReader, http.Request.ContentLength, http.RequestAborted);
        var manifest = registry.Options.ManifestTypes.Parse(http.Request.MediaType, received.Payload, expected?.Algorithm ?? DigestAlgorithm.Sha256);
        if (expected is { } digest && digest != manifest.Digest) throw new RegistryException(RegistryError.DigestInvalid);
        await DemandConditionAsync(http, repository, expected is null ? new Reference(tags[0]) : new Reference(manifest.Digest));
        await repository.Manifests.PutAsync(manifest, tags, http.RequestAborted);

        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.ContentLength = 0;
        http.Response.Headers.Location = locations.Manifest(route.Name, manifest.Digest);
        http.Response.Headers["Docker-Content-Digest"] = manifest.Digest.ToString();
        if (manifest.Content.Subject is { } subject) http.Response.Headers["OCI-Subject"] = subject.Digest.ToString();
        DeprecationWarnings.Write(http.Response, manifest, tags);
        QuotaWarning.Write(http.Response, quota);
        if (http.Request.Query.ContainsKey("tag")) http.Response.Headers["OCI-Tag"] = tags.Distinct().Select(t => t.ToString()).ToArray();
    }

    private async Task DeleteAsync(HttpContext http, RegistryRoute.Manifest route, Caller caller)
    {
        var repository = repositories.Get(http, route.Name, caller);
        var reference = RouteValues.ParseReference(route.Reference);
        await DemandConditionAsync(http, repository, reference);
        var deleted = reference.Tag is { } tag
            ? await repository.Tags.DeleteAsync(tag, http.RequestAborted)
            : await repository.Manifests.DeleteAsync(reference.Digest!.Value, http.RequestAborted);
        if (!deleted) throw new RegistryException(RegistryError.ManifestUnknown);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentLength = 0;
    }

    private static ValueTask DemandConditionAsync(HttpContext http, Repository repository, Reference reference) =>
        Preconditions.DemandAsync(http.Request, async () => (await repository.Manifests.FindAsync(reference, http.RequestAborted))?.Digest);

    private static void Describe(HttpResponse response, string mediaType, Digest digest, long size)
    {
        response.ContentType = mediaType;
        response.ContentLength = size;
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        response.Headers.ETag = Preconditions.Write(digest);
    }
}
