using System.Net;

namespace Serverless.Functions.Http;

/// <summary>Who comes from this machine itself, and not through a proxy on it.</summary>
internal static class LocalRequest
{
    extension(HttpContext http)
    {
        /// <summary>Whether the request came over loopback and without the headers that proxies, the Functions host among them, put on what they pass on from outside.</summary>
        public bool IsLocal => http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && !http.Request.Headers.Keys.Any(h => h.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || h.Equals("Forwarded", StringComparison.OrdinalIgnoreCase));
    }
}
