using System.Net;
using System.Net.Sockets;
using IPNetwork = System.Net.IPNetwork;

namespace Serverless.Web.Auth;

/// <summary>
/// Where a request comes from. Behind proxies that are known to be there, the address that the outermost of them saw is counted from the right end of a header that
/// they write; what stands to the left of it anybody can write.
/// </summary>
/// <param name="proxies">How many proxies there are; 0 takes the address of the connection; null: there are some, but what they write may be true of everybody.</param>
/// <param name="header">The header that the proxies write; null: <c>X-Forwarded-For</c>.</param>
internal sealed class ClientAddress(int? proxies, string? header = null)
{
    /// <summary>The address, as far as it is known; the connection's when the header is not as expected.</summary>
    public string Of(HttpContext http) => Find(http).ToString();

    /// <summary>
    /// The address, or of IPv6 the network of 64 bits, of which one customer has all addresses; null when it may be that of everybody, so that nobody may be refused for
    /// what others have done.
    /// </summary>
    public string? NetworkOf(HttpContext http)
    {
        if (proxies is null) return null;
        var address = Find(http);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPNetwork(Mask(address), 64).ToString() : address.ToString();
    }

    private IPAddress Find(HttpContext http)
    {
        var connection = http.Connection.RemoteIpAddress ?? IPAddress.None;
        var count = proxies ?? 1;
        if (count == 0) return connection;
        var hops = http.Request.Headers[header ?? "X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries);
        return hops.Length >= count && TryParse(hops[^count], out var address) ? address : connection;
    }

    private static IPAddress Mask(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }

    // Azure's front end writes the port as well.
    private static bool TryParse(string text, out IPAddress address)
    {
        var parsed = IPEndPoint.TryParse(text, out var endpoint);
        address = parsed ? endpoint!.Address : IPAddress.None;
        return parsed;
    }
}
