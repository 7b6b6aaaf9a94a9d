using Serverless.Registry.Copying;
using Serverless.Web.Outbound;

namespace Serverless.Web.Remotes;

/// <summary>Sends single requests and reads documents, within limits. Whatever goes wrong on the way becomes an <see cref="ImageSourceException"/>.</summary>
/// <param name="http">Goes only where the registry may, and follows no redirect.</param>
/// <param name="timeout">How long an answer may be awaited, a document may take, and a blob may bring or take no bytes.</param>
/// <param name="time">The clock by which tokens expire and servers say when to come back.</param>
internal sealed class RemoteTransport(HttpClient http, TimeSpan timeout, TimeProvider time)
{
    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>How long a blob may bring no bytes.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>Sends a request and returns the answer as soon as its head is there.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation("User-Agent", "serverless-registry");
        // Bytes have to arrive as they are stored: digests and ranges are of those.
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        var host = request.RequestUri!.Authority;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        // However long a blob takes, its server takes some of it again and again.
        if (request.Content is RemoteUpload upload) upload.Sent = () => limit.CancelAfter(timeout);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(host);
        }
        catch (HttpRequestException e)
        {
            throw Exception(OutboundFailure.Of(host, e), e);
        }
    }

    /// <summary>Reads a document whole; null when it has more bytes than it may.</summary>
    public async Task<byte[]?> ReadAsync(HttpResponseMessage answer, int maxBytes, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentLength > maxBytes) return null;
        var host = HostOf(answer);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(limit.Token);
            using var document = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await body.ReadAsync(buffer, limit.Token) is var read and > 0)
            {
                if (document.Length + read > maxBytes) return null;
                document.Write(buffer, 0, read);
            }

            return document.ToArray();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(host);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Broken(host, e);
        }
    }

    /// <summary>Host and port that gave an answer.</summary>
    public static string HostOf(HttpResponseMessage answer) => answer.RequestMessage!.RequestUri!.Authority;

    /// <summary>A server that is silent for too long.</summary>
    public ImageSourceException TimedOut(string host) => Exception(OutboundFailure.TimedOut(host, timeout), null);

    /// <summary>An answer that ends before its end.</summary>
    public static ImageSourceException Broken(string host, Exception cause) => new($"The answer of {host} broke off.", cause) { IsTransient = true };

    private static ImageSourceException Exception(OutboundFailure failure, Exception? cause) => new(failure.Message, cause) { IsTransient = failure.IsTransient };
}
