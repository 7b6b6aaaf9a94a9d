using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Registry.Oci;
using Serverless.Web.Http;

namespace Serverless.Web.Endpoints.Api;

/// <summary>Reads and writes the bodies of the API, which are small.</summary>
internal static class ApiBody
{
    /// <summary>The longest body of a request, in bytes.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="RegistryException">It cannot be read. What it says is not repeated: it may have secrets.</exception>
    /// <exception cref="BadHttpRequestException">The server cannot read it, or it is too long.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        if (http.Request.MediaType != "application/json") throw new RegistryException(ApiErrors.TypeUnsupported);
        if (http.Request.ContentLength > MaxLength) throw new RegistryException(ApiErrors.TooLarge, $"the body may have {MaxLength} bytes");
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxLength;
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.BodyReader, type, http.RequestAborted) ?? throw Invalid("the body must be an object");
        }
        catch (JsonException e)
        {
            throw Invalid(e.Path is { Length: > 1 } path ? $"the body cannot be read at {path}" : "the body cannot be read: it must be a JSON object with the members that are known, each of its type", e);
        }
    }

    /// <summary>Writes an answer, or that the client has it already.</summary>
    public static async Task WriteAsync<T>(HttpContext http, T document, JsonTypeInfo<T> type, bool hasTag = false)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(document, type);
        var response = http.Response;
        // Rights are taken away, and states change.
        response.Headers.CacheControl = "private, no-cache";
        if (hasTag && Preconditions.Answer(http, Preconditions.TagOf(SHA256.HashData(body)))) return;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>What is wrong with a request.</summary>
    public static RegistryException Invalid(string message, Exception? e = null) => new(ApiErrors.RequestInvalid, message, innerException: e);
}
