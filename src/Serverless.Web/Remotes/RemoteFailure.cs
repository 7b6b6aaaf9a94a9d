using System.Globalization;
using System.Net;
using System.Text.Json;
using Serverless.Registry.Copying;
using Serverless.Web.Outbound;

namespace Serverless.Web.Remotes;

/// <summary>
/// What an answer means that is not the one that was hoped for. The message has the host, the path that the registry was asked for, the status and the server's own words: never the URL
/// of a redirect, which may be signed, and never what was sent to prove who asks.
/// </summary>
internal static class RemoteFailure
{
    private const int MaxBytes = 16 * 1024;

    /// <summary>Makes the exception of an answer.</summary>
    /// <param name="answer">The answer, whose body nobody has read.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="advice">What the operator may do; null: nothing.</param>
    /// <param name="transport">Reads the body.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ImageSourceException> OfAsync(HttpResponseMessage answer, string asked, string? advice, RemoteTransport transport, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        var words = await FindWordsAsync(answer, transport, cancellationToken);
        return new ImageSourceException(string.Create(CultureInfo.InvariantCulture, $"{RemoteTransport.HostOf(answer)} answered {status} to {asked}{(words is null ? "." : $": {words}")}{(advice is null ? "" : " " + advice)}"))
        {
            IsTransient = OutboundFailure.MayPass(answer.StatusCode),
            IsRefusal = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden,
            IsRateLimit = answer.StatusCode == HttpStatusCode.TooManyRequests,
            RetryAfter = RetryDelay.Find(answer.Headers.RetryAfter, transport.Now),
        };
    }

    // {"errors":[{"code":"DENIED","message":"..."}]} (OCI distribution specification 1.1.1, "Error Codes"). That it cannot be read changes nothing of what the status says.
    private static async Task<string?> FindWordsAsync(HttpResponseMessage answer, RemoteTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            if (await transport.ReadAsync(answer, MaxBytes, cancellationToken) is not { } body) return null;
            using var json = RemoteJson.TryParse(body);
            if (RemoteJson.Find(json?.RootElement, "errors") is not { ValueKind: JsonValueKind.Array } errors || errors.GetArrayLength() == 0) return null;
            var words = string.Join(": ", new[] { RemoteJson.Text(RemoteJson.Find(errors[0], "code")), RemoteJson.Text(RemoteJson.Find(errors[0], "message")) }.Where(w => !string.IsNullOrEmpty(w)));
            var clean = RemoteText.Clean(words, answer.RequestMessage!.Headers.Authorization);
            return clean.Length == 0 ? null : clean.TrimEnd('.') + ".";
        }
        catch (ImageSourceException)
        {
            return null;
        }
    }
}
