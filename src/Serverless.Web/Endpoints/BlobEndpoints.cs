using System.IO.Pipelines;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/NAME/blobs/DIGEST</c></summary>
internal sealed class BlobEndpoints(ContainerRegistry registry, CallerRepositories repositories, MirroredBlobReads mirrored, DownloadSettings downloads, Pulls pulls) : IEndpoints
{
    // Bytes that are read at a time, and sent while nothing else is read.
    private const int Piece = 256 * 1024;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Blob r, "GET") => (http, caller) => GetAsync(http, r, caller),
        (RegistryRoute.Blob r, "HEAD") => (http, caller) => HeadAsync(http, r, caller),
        (RegistryRoute.Blob r, "DELETE") => (http, caller) => DeleteAsync(http, r, caller),
        _ => null,
    };

    private async Task GetAsync(HttpContext http, RegistryRoute.Blob route, Caller caller)
    {
        var aborted = http.RequestAborted;
        var digest = RouteValues.ParseDigest(route.Digest);
        if (await registry.GetRepository(route.Name).Blobs.FindAsync(digest, aborted) is not { } blob)
        {
            (blob, var isSent) = await mirrored.FetchAsync(http, route.Name, digest, () => Describe(http.Response, digest));
            if (isSent)
            {
                pulls.Tell(http, caller, route.Name, blob.Descriptor);
                return;
            }
        }

        var size = blob.Descriptor.Size;
        if (Preconditions.Answer(http, digest)) return;
        var range = http.Request.MindsRangeOf(digest) ? ByteRange.Find(http, size) : null;
        var isForStorage = downloads.Redirect && !ByteRange.IsSuffix(http.Request) && !http.Request.HasConditionsOfOurs;
        if (isForStorage && await blob.SignReadAsync(downloads.Lifetime, aborted) is { } url)
        {
            RequestRecord.Of(http).Redirected = range?.Length ?? size;
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = url.AbsoluteUri;
            http.Response.Headers["Docker-Content-Digest"] = digest.ToString();
            // The URL is somebody's right to read: no cache may hand it on.
            http.Response.Headers.CacheControl = "no-store";
            pulls.Tell(http, caller, route.Name, blob.Descriptor);
            return;
        }

        var part = range ?? new ByteRange(0, size);
        Describe(http.Response, digest);
        http.Response.ContentLength = part.Length;
        if (range is not null)
        {
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = part.ContentRange(size);
        }

        if (part.Length == 0) return;
        await using var stream = await blob.OpenAsync(part.Offset, part.Length, aborted);
        await CopyAsync(stream, part.Length, http.Response.BodyWriter, aborted);
        pulls.Tell(http, caller, route.Name, blob.Descriptor);
    }

    // Straight into the server's own memory, and in large pieces: each takes the request from thread to thread a few times, and wakes the receiver once.
    private static async Task CopyAsync(Stream stream, long length, PipeWriter body, CancellationToken aborted)
    {
        for (var left = length; left > 0;)
        {
            var piece = (int)Math.Min(left, Piece);
            var count = await stream.ReadAsync(body.GetMemory(piece)[..piece], aborted);
            // The server breaks the connection of an answer that is shorter than it said.
            if (count == 0) return;
            body.Advance(count);
            await body.FlushAsync(aborted);
            left -= count;
        }
    }

    private async Task HeadAsync(HttpContext http, RegistryRoute.Blob route, Caller caller)
    {
        var blobs = registry.GetRepository(route.Name).Blobs;
        var digest = RouteValues.ParseDigest(route.Digest);
        // Whoever may push asks in order to skip the upload; what it is told must then last until its manifest comes.
        var mayPush = caller.May(new RequiredAccess(route.Name, RepositoryActions.Push));
        var blob = await (mayPush ? blobs.FindAndKeepAsync(digest, http.RequestAborted) : blobs.FindAsync(digest, http.RequestAborted));
        var size = blob?.Descriptor.Size ?? await mirrored.FindSizeAsync(http, route.Name, digest);
        if (Preconditions.Answer(http, digest)) return;
        Describe(http.Response, digest);
        http.Response.ContentLength = size;
    }

    private async Task DeleteAsync(HttpContext http, RegistryRoute.Blob route, Caller caller)
    {
        var (blobs, digest) = (repositories.Get(http, route.Name, caller).Blobs, RouteValues.ParseDigest(route.Digest));
        await Preconditions.DemandAsync(http.Request, async () => (await blobs.FindAsync(digest, http.RequestAborted))?.Descriptor.Digest);
        if (!await blobs.DeleteAsync(digest, http.RequestAborted)) throw Unknown();
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentLength = 0;
    }

    private static void Describe(HttpResponse response, Digest digest)
    {
        response.ContentType = MediaTypes.OctetStream;
        response.Headers.AcceptRanges = "bytes";
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        response.Headers.ETag = Preconditions.Write(digest);
    }

    private static RegistryException Unknown() => new(RegistryError.BlobUnknown);
}
