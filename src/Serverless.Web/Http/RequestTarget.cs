using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Web.Http;

/// <summary>The target of a request as it came to this process (RFC 9112, section 3.2): the server's own reading has merged dots and decoded some characters, but not all.</summary>
internal static class RequestTarget
{
    /// <summary>The path, neither decoded nor merged, without the query.</summary>
    public static string Path(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        return path.StartsWith('/') ? path : OfAbsoluteForm(path);
    }

    // What is sent to proxies, and every server must take: scheme and authority stand before the path, which may be empty.
    private static string OfAbsoluteForm(string target)
    {
        var authority = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8 : -1;
        if (authority < 0) return target;
        var path = target.IndexOf('/', authority);
        return path < 0 ? "/" : target[path..];
    }
}
