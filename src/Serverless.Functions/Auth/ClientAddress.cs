using System.Net;

namespace Serverless.Functions.Auth;

/// <summary>
/// Where a request comes from. Behind proxies that are known to be there, the address that the outermost of them saw is counted from the right end of
/// X-Forwarded-For; what stands to the left of it anybody can write.
/// </summary>
/// <param name="proxies">How many proxies there are; 0 takes the address of the connection.</param>
internal sealed class ClientAddress(int proxies)
{
    /// <summary>The address; the connection's when the header is not as expected.</summary>
    public string Of(HttpContext http)
    {
        var connection = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (proxies == 0) return connection.ToString();
        var hops = http.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries);
        return hops.Length >= proxies && TryParse(hops[^proxies], out var address) ? address.ToString() : connection.ToString();
    }

    // Azure's front end writes the port as well.
    private static bool TryParse(string text, out IPAddress address)
    {
        var parsed = IPEndPoint.TryParse(text, out var endpoint);
        address = parsed ? endpoint!.Address : IPAddress.None;
        return parsed;
    }
}
