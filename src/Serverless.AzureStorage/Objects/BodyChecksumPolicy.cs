using System.Buffers;
using System.IO.Hashing;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.AzureStorage.Objects;

/// <summary>
/// Sends the checksum of a body with it: storage refuses a body that has another. The Blob client could do so itself, but puts a frame of its own around the
/// bytes (a "structured message"), which the emulator takes for content. What storage calls CRC64 is the CRC-64 of NVMe.
/// </summary>
internal sealed class BodyChecksumPolicy : HttpPipelineSynchronousPolicy
{
    private const string Property = "body-checksum";

    /// <summary>The requests that are made until the result is disposed of have this body.</summary>
    public static IDisposable Of(ReadOnlySequence<byte> body)
    {
        var checksum = new Crc64(Crc64ParameterSet.Nvme);
        foreach (var piece in body) checksum.Append(piece.Span);
        return HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?> { [Property] = Convert.ToBase64String(checksum.GetCurrentHash()) });
    }

    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.TryGetProperty(Property, out var checksum)) message.Request.Headers.SetValue("x-ms-content-crc64", (string)checksum!);
    }
}
