using System.Net;
using Serverless.Registry.Copying;

namespace Serverless.Web.Remotes;

/// <summary>
/// Opens a blob from a place on, by a range (RFC 9110, section 14), which a server may or may not serve:
/// <code>
///   206   the bytes from there on, if Content-Range says so
///   200   all bytes, of which the first are skipped
///   416   there are none from there on, if the blob ends there
///   404   there is no such blob
/// </code>
/// </summary>
internal static class RemoteBlob
{
    /// <summary>Opens it; null when it is not there.</summary>
    /// <param name="client">Asks for it.</param>
    /// <param name="request">What to ask for.</param>
    /// <param name="size">Bytes of the whole blob, as its descriptor says; null when it does not.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Stream?> OpenAsync(RemoteClient client, RemoteRequest request, long? size, CancellationToken cancellationToken)
    {
        var answer = await client.GetAsync(request, cancellationToken);
        var isPassedOn = false;
        try
        {
            switch (answer.StatusCode)
            {
                case HttpStatusCode.NotFound: return null;
                case HttpStatusCode.RequestedRangeNotSatisfiable when request.Offset > 0 && IsAtEnd(answer, request.Offset, size): return new MemoryStream([], writable: false);
                case HttpStatusCode.OK or HttpStatusCode.PartialContent: break;
                default: throw await client.FailureAsync(answer, request, cancellationToken);
            }

            var first = FirstByte(answer, request.Offset);
            var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var stream = new RemoteBlobStream(answer, body, first, size, client.Transport);
            await stream.SkipToAsync(request.Offset, cancellationToken);
            isPassedOn = true;
            return stream;
        }
        finally
        {
            if (!isPassedOn) answer.Dispose();
        }
    }

    private static long FirstByte(HttpResponseMessage answer, long offset)
    {
        if (answer.StatusCode == HttpStatusCode.OK) return 0;
        return answer.Content.Headers.ContentRange is { Unit: "bytes", From: { } from } && from == offset
            ? from
            : throw new ImageSourceException($"{RemoteTransport.HostOf(answer)} was asked for a blob from byte {offset} on and answered with other bytes.");
    }

    private static bool IsAtEnd(HttpResponseMessage answer, long offset, long? size) => offset == (answer.Content.Headers.ContentRange?.Length ?? size) && offset == (size ?? offset);
}
