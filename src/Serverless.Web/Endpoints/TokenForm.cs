using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Tokens;

namespace Serverless.Web.Endpoints;

/// <summary>Reads the form with which a token is asked for: <c>application/x-www-form-urlencoded</c>, in UTF-8.</summary>
internal static class TokenForm
{
    /// <summary>The longest form, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    private const string FormType = "application/x-www-form-urlencoded";

    private static readonly FormOptions s_options = new() { ValueLengthLimit = MaxLength, ValueCountLimit = 2 * TokenScope.MaxCount, BufferBodyLengthLimit = MaxLength };

    /// <summary>The request's form.</summary>
    /// <exception cref="RegistryException">The body is no form, is in another character set, or is too long.</exception>
    /// <exception cref="BadHttpRequestException">The server cannot read the body, or it is too long.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpContext http)
    {
        // Not multipart, whose files would be kept on disk.
        if (!IsForm(http.Request.ContentType) || http.Request.ContentLength > MaxLength) throw Invalid("a form was expected (application/x-www-form-urlencoded, in UTF-8), of at most 64 KiB");
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxLength;
        // What it is was decided above; the framework throws at character sets that it does not know.
        http.Request.ContentType = FormType;
        try
        {
            return await http.Request.ReadFormAsync(s_options, http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            throw Invalid("the form cannot be read", e);
        }
    }

    // The type is never in need of a character set (URL Standard, "application/x-www-form-urlencoded"); some clients name the one that there is.
    private static bool IsForm(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase)
        && type.Parameters.All(p => !p.Name.Equals("charset", StringComparison.OrdinalIgnoreCase) || p.GetUnescapedValue().Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static RegistryException Invalid(string message, Exception? e = null) => new(RegistryError.TokenRequestInvalid, message, innerException: e);
}
