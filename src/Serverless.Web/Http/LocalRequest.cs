using System.Net;

namespace Serverless.Web.Http;

/// <summary>Who comes from this machine itself, and not through a proxy on it.</summary>
internal static class LocalRequest
{
    private static readonly string[] s_proxyHeaders = ["Forwarded", "Via", "X-Real-IP"];

    extension(HttpContext http)
    {
        /// <summary>
        /// Whether the request came over loopback, by a name of loopback, and without the headers that proxies, the Functions host among them, put on what they pass on from
        /// outside.
        /// </summary>
        public bool IsLocal => http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && LoopbackNames.Include(http.Request.Host.Host)
            && !http.Request.Headers.Keys.Any(h => h.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || s_proxyHeaders.Contains(h, StringComparer.OrdinalIgnoreCase));
    }
}
