using Serverless.Registry.Blobs;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Web.Mirrors;

namespace Serverless.Web.Endpoints;

/// <summary>
/// Blobs of mirrors that are not here yet.
/// <code>
///   the first who asks for the whole of it    sent while it comes
///   whoever comes later, or asks for a part   waits until it is here, and is answered as ever
///     for more than a minute, for the whole   the answer begins, and its body comes when the blob is here
///                             for a part      503, come back later
/// </code>
/// </summary>
internal sealed class MirroredBlobReads(MirrorTable mirrors, TimeProvider time)
{
    // With the wait for a place and for other instances before it, an answer begins within 200 seconds, as platforms want.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Fetches a blob from what its repository mirrors.</summary>
    /// <param name="http">The request, a GET.</param>
    /// <param name="name">The repository, of which nobody knows yet whether it is a mirror's.</param>
    /// <param name="digest">The blob, which is not here.</param>
    /// <param name="describe">Writes the headers of an answer with the whole of it.</param>
    /// <returns>The blob; and whether it has been sent already.</returns>
    /// <exception cref="RegistryException">BLOB_UNKNOWN: it is nowhere; and what the source's failure means.</exception>
    public async Task<(Blob Blob, bool IsSent)> FetchAsync(HttpContext http, RepositoryName name, Digest digest, Action describe)
    {
        if (mirrors.Find(name) is not { } mirror) throw new RegistryException(RegistryError.BlobUnknown);
        var fetch = mirror.FetchBlob(name, digest);
        var isForWhole = http.Request.Headers.Range.Count == 0;
        try
        {
            var size = await fetch.Begun.WaitAsync(http.RequestAborted);
            if (!(isForWhole && fetch.IsAtStart)) await Task.WhenAny(fetch.Ended, Task.Delay(s_patience, time, http.RequestAborted));
            if (fetch.Ended.IsCompleted) return (await fetch.Ended ?? throw new RegistryException(RegistryError.BlobUnknown), IsSent: false);
            if (!isForWhole)
            {
                http.Response.Headers.RetryAfter = "10";
                throw new RegistryException(RegistryError.SourceUnavailable, "the blob is being fetched from the registry that is mirrored; ask for a part of it later");
            }

            describe();
            http.Response.ContentLength = size;
            await fetch.CopyToAsync(http.Response.Body, http.RequestAborted);
            return ((await fetch.Ended)!, IsSent: true);
        }
        catch (ImageSourceException e)
        {
            throw SourceErrors.ToError(http, e);
        }
    }

    /// <summary>The size in bytes of a blob that is not here.</summary>
    /// <exception cref="RegistryException">BLOB_UNKNOWN: it is nowhere; and what the source's failure means.</exception>
    public async Task<long> FindSizeAsync(HttpContext http, RepositoryName name, Digest digest)
    {
        try
        {
            return mirrors.Find(name) is { } mirror && await mirror.FindBlobSizeAsync(name, digest, http.RequestAborted) is { } size ? size : throw new RegistryException(RegistryError.BlobUnknown);
        }
        catch (ImageSourceException e)
        {
            throw SourceErrors.ToError(http, e);
        }
    }
}
