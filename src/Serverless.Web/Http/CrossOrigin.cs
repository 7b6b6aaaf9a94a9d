using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Serverless.Web.Http;

/// <summary>
/// Lets pages of the origins that are set read the registry's answers (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). The decision is the framework's; its middleware is
/// not used, because below the Functions host there is no pipeline to put it into. Cookies and passwords that a browser keeps are not taken: pages send Authorization themselves.
/// </summary>
internal sealed class CrossOrigin(IReadOnlyList<string> origins, ICorsService cors)
{
    private static readonly string[] s_exposed =
    [
        "Accept-Ranges", "Content-Length", "Content-Range", "Docker-Content-Digest", "Docker-Distribution-API-Version", "Docker-Upload-UUID", "ETag", "Link", "Location",
        "OCI-Filters-Applied", "OCI-Subject", "OCI-Tag", "Range", "Retry-After", "Warning", "WWW-Authenticate", "X-Request-Id",
    ];

    private readonly CorsPolicy _policy = new CorsPolicyBuilder([.. origins]).WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE").AllowAnyHeader()
        .WithExposedHeaders(s_exposed).SetPreflightMaxAge(TimeSpan.FromMinutes(10)).Build();

    /// <summary>Says in the answer what the page may do.</summary>
    /// <returns>Whether that is the whole answer: a browser asked beforehand, without credentials, and its page's origin is allowed. One that is not allowed is answered as ever.</returns>
    public bool Answer(HttpContext http)
    {
        if (origins.Count == 0) return false;
        var result = cors.EvaluatePolicy(http, _policy);
        cors.ApplyResult(result, http.Response);
        // Whether or not this one had an origin: a cache must not give its answer to another.
        http.Response.Headers.Vary = "Origin";
        if (!result.IsPreflightRequest || !result.IsOriginAllowed) return false;
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
