namespace Serverless.Web.Http;

/// <summary>What a request says of its body.</summary>
internal static class RequestBody
{
    extension(HttpRequest request)
    {
        /// <summary>The media type without its parameters; null when none was sent.</summary>
        public string? MediaType =>
            request.ContentType is { Length: > 0 } type ? type.Split(';', 2)[0].Trim() is { Length: > 0 } bare ? bare : null : null;
    }
}
