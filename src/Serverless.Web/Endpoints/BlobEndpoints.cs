using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/NAME/blobs/DIGEST</c></summary>
internal sealed class BlobEndpoints(ContainerRegistry registry, DownloadSettings downloads) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Blob r, "GET") => (http, _) => GetAsync(http, r),
        (RegistryRoute.Blob r, "HEAD") => (http, caller) => HeadAsync(http, r, caller),
        (RegistryRoute.Blob r, "DELETE") => (http, _) => DeleteAsync(http, r),
        _ => null,
    };

    private async Task GetAsync(HttpContext http, RegistryRoute.Blob route)
    {
        var aborted = http.RequestAborted;
        var blob = await registry.GetRepository(route.Name).Blobs.FindAsync(RouteValues.ParseDigest(route.Digest), aborted) ?? throw Unknown();
        var range = ByteRange.Find(http.Request);
        if (downloads.Redirect && !ByteRange.IsSuffix(range) && await blob.SignReadAsync(downloads.Lifetime, aborted) is { } url)
        {
            RequestRecord.Of(http).Redirected = range is null ? blob.Descriptor.Size : ByteRange.Resolve(range, blob.Descriptor.Size)?.Length ?? 0;
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = url.AbsoluteUri;
            http.Response.Headers["Docker-Content-Digest"] = blob.Descriptor.Digest.ToString();
            // The URL is somebody's right to read: no cache may hand it on.
            http.Response.Headers.CacheControl = "no-store";
            return;
        }

        var part = range is null ? new ByteRange(0, blob.Descriptor.Size) : ByteRange.Resolve(range, blob.Descriptor.Size) ?? throw OutOfRange(http, blob);
        Describe(http.Response, blob);
        http.Response.ContentLength = part.Length;
        if (range is not null)
        {
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture, $"bytes {part.Offset}-{part.Offset + part.Length - 1}/{blob.Descriptor.Size}");
        }

        if (part.Length == 0) return;
        await using var stream = await blob.OpenAsync(part.Offset, part.Length, aborted);
        await stream.CopyToAsync(http.Response.Body, 128 * 1024, aborted);
    }

    private async Task HeadAsync(HttpContext http, RegistryRoute.Blob route, Caller caller)
    {
        var blobs = registry.GetRepository(route.Name).Blobs;
        var digest = RouteValues.ParseDigest(route.Digest);
        // Whoever may push asks in order to skip the upload; what it is told must then last until its manifest comes.
        var mayPush = caller.May(new RequiredAccess(route.Name, RepositoryActions.Push));
        var blob = await (mayPush ? blobs.FindAndKeepAsync(digest, http.RequestAborted) : blobs.FindAsync(digest, http.RequestAborted)) ?? throw Unknown();
        Describe(http.Response, blob);
        http.Response.ContentLength = blob.Descriptor.Size;
    }

    private async Task DeleteAsync(HttpContext http, RegistryRoute.Blob route)
    {
        if (!await registry.GetRepository(route.Name).Blobs.DeleteAsync(RouteValues.ParseDigest(route.Digest), http.RequestAborted)) throw Unknown();
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentLength = 0;
    }

    private static void Describe(HttpResponse response, Blob blob)
    {
        response.ContentType = MediaTypes.OctetStream;
        response.Headers.AcceptRanges = "bytes";
        response.Headers["Docker-Content-Digest"] = blob.Descriptor.Digest.ToString();
        response.Headers.ETag = $"\"{blob.Descriptor.Digest}\"";
    }

    private static RegistryException Unknown() => new(RegistryError.BlobUnknown);

    private static RegistryException OutOfRange(HttpContext http, Blob blob)
    {
        http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{blob.Descriptor.Size}");
        return new RegistryException(RegistryError.RangeNotSatisfiable);
    }
}
