namespace Serverless.Web.Http;

/// <summary>What every answer says to browsers, errors and redirects included: what is stored here is data, whoever pushed it and whatever type it claims to have, and no page.</summary>
internal static class AnswerHeaders
{
    /// <summary>Sets them before anything else is known of the request.</summary>
    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'";
    }

    /// <summary>
    /// Keeps an answer that not everybody may read out of shared caches, and has a private one ask each time: rights are taken away, and what is stored is deleted. That holds for
    /// blobs too: their bytes never change, but whether the caller may still have them does.
    /// </summary>
    public static void SetPrivate(HttpContext http) => http.Response.Headers.CacheControl = "private, no-cache";
}
