using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>The only place that writes an error body (OCI distribution specification 1.1.1, "Error codes"; RFC 9457 where the API for operators is asked).</summary>
internal static class ErrorWriter
{
    private const string RetryAfterSeconds = "5";

    /// <summary>Writes the registry protocol's error.</summary>
    public static Task WriteAsync(HttpContext http, RegistryError error, string? message, object? detail)
    {
        http.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        return WriteAsync(http, error, "application/json", json =>
        {
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
        });
    }

    /// <summary>Writes an error of the API for operators (RFC 9457). The code is a member of its own, for programs; the rest is for people.</summary>
    public static Task WriteProblemAsync(HttpContext http, RegistryError error, string? message, object? detail) => WriteAsync(http, error, "application/problem+json", json =>
    {
        // Without a type it is "about:blank", whose title is the status's own.
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(error.Status));
        json.WriteNumber("status", error.Status);
        json.WriteString("code", error.Code);
        json.WriteString("detail", message ?? error.Message);
        if (detail is not null)
        {
            json.WriteStartArray("errors");
            foreach (var one in detail as IEnumerable<object?> ?? [detail]) WriteDetail(json, one ?? "");
            json.WriteEndArray();
        }
    });

    private static async Task WriteAsync(HttpContext http, RegistryError error, string contentType, Action<Utf8JsonWriter> write)
    {
        var response = http.Response;
        response.StatusCode = error.Status;
        if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        response.ContentType = contentType;
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
