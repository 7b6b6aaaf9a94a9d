using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Web.Events;

/// <summary>
/// Signs events as Standard Webhooks 1.0.0 has it ("Signature scheme", symmetric), for which there are libraries in many languages: an HMAC with SHA-256 over
/// <c>id.timestamp.body</c>. The timestamp, in seconds of Unix time, is new at every attempt; the id stays. Neither can have a full stop in it.
/// </summary>
/// <remarks>Other headers are not signed; see <see cref="CloudEventsFormat"/>.</remarks>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <summary>The headers of an attempt.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Headers(ReadOnlyMemory<byte> secret, string id, DateTimeOffset time, byte[] body)
    {
        var timestamp = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return [new(IdHeader, id), new(TimestampHeader, timestamp), new(SignatureHeader, $"v1,{Sign(secret.Span, $"{id}.{timestamp}.", body)}")];
    }

    private static string Sign(ReadOnlySpan<byte> secret, string start, byte[] body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.UTF8.GetBytes(start));
        hmac.AppendData(body);
        return Convert.ToBase64String(hmac.GetHashAndReset());
    }
}
