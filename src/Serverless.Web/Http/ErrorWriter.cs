using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>The only place that writes an error body (OCI distribution specification 1.1.1, "Error codes").</summary>
internal static class ErrorWriter
{
    private const string RetryAfterSeconds = "5";

    public static async Task WriteAsync(HttpContext http, RegistryError error, string? message, object? detail)
    {
        var response = http.Response;
        response.StatusCode = error.Status;
        response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("errors");
            // Of several things each has its own entry, as with distribution.
            foreach (var one in detail as IEnumerable<object?> ?? [detail])
            {
                json.WriteStartObject();
                json.WriteString("code", error.Code);
                json.WriteString("message", message ?? error.Message);
                if (one is not null)
                {
                    json.WritePropertyName("detail");
                    WriteDetail(json, one);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        if (HttpMethods.IsHead(http.Request.Method)) return;
        await response.Body.WriteAsync(body.WrittenMemory);
    }

    private static void WriteDetail(Utf8JsonWriter json, object detail)
    {
        switch (detail)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case IReadOnlyDictionary<string, string> map:
                json.WriteStartObject();
                foreach (var (name, value) in map) json.WriteString(name, value);
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(Convert.ToString(detail, CultureInfo.InvariantCulture));
                break;
        }
    }
}
