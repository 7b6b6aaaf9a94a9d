using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/NAME/blobs/uploads/</c> and <c>/v2/NAME/blobs/uploads/ID</c></summary>
internal sealed class UploadEndpoints(ContainerRegistry registry, CallerRepositories repositories, Locations locations, UploadLocations uploads, UploadSettings settings) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        // A server of uploads begins none.
        (RegistryRoute.Uploads r, "POST") when !settings.Only => (http, caller) => StartAsync(http, r, caller),
        (RegistryRoute.Upload r, "GET") => (http, caller) => StatusAsync(http, r, caller),
        (RegistryRoute.Upload r, "HEAD") when !settings.Only => (http, caller) => StatusAsync(http, r, caller),
        (RegistryRoute.Upload r, "PATCH") => (http, caller) => AppendAsync(http, r, caller),
        (RegistryRoute.Upload r, "PUT") => (http, caller) => FinishAsync(http, r, caller),
        (RegistryRoute.Upload r, "DELETE") => (http, caller) => CancelAsync(http, r, caller),
        _ => null,
    };

    private async Task StartAsync(HttpContext http, RegistryRoute.Uploads route, Caller caller)
    {
        var blobs = repositories.Get(http, route.Name, caller).Blobs;
        var query = http.Request.Query;
        if (query["digest-algorithm"] is { Count: > 0 } algorithm && algorithm.ToString() is not ("sha256" or "sha512"))
        {
            throw new RegistryException(RegistryError.DigestInvalid, "digests are sha256 or sha512");
        }

        DemandRoom(http);
        // A parameter that comes twice is none that can be read; to pass over it would be to do something else than was asked.
        if (query["digest"] is { Count: > 0 } whole)
        {
            await DemandQuotaAsync(http, route.Name, 0);
            var stored = await blobs.PutAsync(http.Request.BodyReader, RouteValues.ParseDigest(whole), http.RequestAborted);
            Created(http.Response, route.Name, stored.Digest);
            return;
        }

        // What cannot be read can be mounted no more than what is not there: an upload begins, as the specification and distribution have it.
        if (query["mount"] is [{ } mount, ..] && Digest.TryParse(mount, out var digest))
        {
            // A source that the caller may not read, and one that does not have the blob, look the same: an upload begins.
            if (await FindSourceAsync(blobs, digest, query["from"] is [{ } from, ..] ? from : "", caller, http.RequestAborted) is { } source
                && await blobs.MountAsync(digest, source, http.RequestAborted) is not null)
            {
                Created(http.Response, route.Name, digest);
                return;
            }
        }

        await DemandQuotaAsync(http, route.Name, 1);
        var (upload, location) = await uploads.StartAsync(http, route.Name, caller);
        Progress(http.Response, StatusCodes.Status202Accepted, upload, location, 0);
    }

    private async Task StatusAsync(HttpContext http, RegistryRoute.Upload route, Caller caller)
    {
        await uploads.DemandAsync(http, caller);
        var upload = await FindAsync(http, route, caller);
        var size = await upload.GetSizeAsync(http.RequestAborted);
        Progress(http.Response, StatusCodes.Status204NoContent, upload, await uploads.OfAsync(route.Name, upload, caller), size);
    }

    private async Task AppendAsync(HttpContext http, RegistryRoute.Upload route, Caller caller)
    {
        DemandRoom(http);
        await uploads.DemandAsync(http, caller);
        await DemandQuotaAsync(http, route.Name, 0);
        var upload = await FindAsync(http, route, caller);
        var result = await upload.AppendAsync(http.Request.BodyReader, http.Request.ReadChunkRange(), http.RequestAborted);
        Progress(http.Response, StatusCodes.Status202Accepted, upload, await uploads.OfAsync(route.Name, upload, caller), result.Size);
        if (!result.Accepted) throw new RegistryException(RegistryError.ChunkOutOfOrder);
        if (result.CutOff) throw new RegistryException(RegistryError.SenderTooSlow);
    }

    private async Task FinishAsync(HttpContext http, RegistryRoute.Upload route, Caller caller)
    {
        DemandRoom(http);
        await DemandQuotaAsync(http, route.Name, 0);
        var upload = await FindAsync(http, route, caller);
        var digest = RouteValues.ParseDigest(http.Request.Query["digest"]);
        var blob = await upload.CommitAsync(digest, http.Request.BodyReader, http.Request.ReadChunkRange(), http.RequestAborted);
        if (blob is null)
        {
            await uploads.DemandAsync(http, caller);
            var size = await upload.GetSizeAsync(http.RequestAborted);
            Progress(http.Response, StatusCodes.Status416RangeNotSatisfiable, upload, await uploads.OfAsync(route.Name, upload, caller), size);
            throw new RegistryException(RegistryError.ChunkOutOfOrder);
        }

        Created(http.Response, route.Name, blob.Digest);
    }

    private async Task CancelAsync(HttpContext http, RegistryRoute.Upload route, Caller caller)
    {
        var upload = await FindAsync(http, route, caller);
        await upload.CancelAsync(http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The repository to mount from, if the caller may read it: the one that it names, else one that is found to have the blob.</summary>
    private static async Task<RepositoryName?> FindSourceAsync(BlobStore blobs, Digest digest, string from, Caller caller, CancellationToken cancellationToken)
    {
        if (from.Length == 0) return await blobs.FindSourceAsync(digest, caller.Rights, cancellationToken);
        return RepositoryName.TryParse(from, out var source) && caller.May(new RequiredAccess(source, RepositoryActions.Pull)) ? source : null;
    }

    // Before hours of it have come.
    private void DemandRoom(HttpContext http)
    {
        if (http.Request.ContentLength > registry.Options.MaxBlobSize)
        {
            throw new RegistryException(RegistryError.SizeInvalid, $"a blob has {registry.Options.MaxBlobSize} bytes at most; a larger Uploads:BlockSize makes room for more");
        }
    }

    // The same of a quota. What is mounted, and what is there already, adds nothing, and is looked at when that is known.
    private async Task DemandQuotaAsync(HttpContext http, RepositoryName name, long atLeast) =>
        QuotaWarning.Write(http.Response, await registry.Quotas.DemandAsync(name, Math.Max(atLeast, http.Request.ContentLength ?? 0), http.RequestAborted));

    private async Task<BlobUpload> FindAsync(HttpContext http, RegistryRoute.Upload route, Caller caller)
    {
        var state = http.Request.Query[Locations.StateParameter];
        return Guid.TryParseExact(route.Id, "N", out var id)
            && await repositories.Get(http, route.Name, caller).Blobs.FindUploadAsync(id, state.ToString(), http.RequestAborted) is { } upload
            ? upload
            : throw new RegistryException(RegistryError.BlobUploadUnknown);
    }

    private void Created(HttpResponse response, RepositoryName name, Digest digest)
    {
        response.StatusCode = StatusCodes.Status201Created;
        response.ContentLength = 0;
        response.Headers.Location = locations.Blob(name, digest);
        response.Headers["Docker-Content-Digest"] = digest.ToString();
    }

    private static void Progress(HttpResponse response, int status, BlobUpload upload, string location, long size)
    {
        response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent) response.ContentLength = 0;
        response.Headers.Location = location;
        response.Headers["Docker-Upload-UUID"] = upload.Id.ToString("N");
        response.Headers.Range = UploadRangeHeader.Format(size);
    }
}
