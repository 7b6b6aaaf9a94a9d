using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>
/// Keeps web sites away from a registry on somebody's own machine where nobody signs in. A browser there can reach it, and a site whose name points first to the site and then to
/// 127.0.0.1 is allowed to read the answers, because to the browser it is one site all along (DNS rebinding). Such a request names the site as its host:
/// <code>
/// browser: GET http://site.example/ -> 203.0.113.1     the site's page
///          site.example is 127.0.0.1 from now on
///          GET http://site.example:5000/v2/_catalog -> 127.0.0.1, Host: site.example:5000
/// </code>
/// </summary>
/// <param name="onlyLoopback">Whether the registry is one of that kind; else every name is answered.</param>
/// <param name="allowed">Names besides those of loopback.</param>
internal sealed class HostNames(bool onlyLoopback, IEnumerable<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed, StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses a request for a name that is not this registry's.</summary>
    /// <exception cref="RegistryException">DENIED, with status 421.</exception>
    public void Demand(HttpContext http)
    {
        // Without an address it came by a socket in the file system, to which no browser connects.
        if (!onlyLoopback || http.Connection.LocalIpAddress is null) return;
        var host = http.Request.Host.Host;
        if (LoopbackNames.Include(host) || _allowed.Contains(host)) return;
        throw new RegistryException(RegistryError.Misdirected, "nobody signs in here, so only names of this machine such as localhost are answered; other names are allowed by Registry:AllowedHosts");
    }
}
