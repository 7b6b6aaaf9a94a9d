using System.Net;
using System.Net.Sockets;
using Serverless.Web.Settings;

namespace Serverless.Web.Outbound;

/// <summary>
/// Makes the clients with which the registry asks anybody but its own storage and vault. Names are somebody else's to answer for: an address may come from a document, a redirect
/// or a server of names that its owner controls, and lead into this network. So each connection resolves the name, looks at all that comes back, and goes to an address that was looked at:
/// <code>
///   name -> addresses -> all public, or the host allowed? -> connect to one of these addresses
///                                                            (the name is not resolved again, so it cannot mean something else by then)
/// </code>
/// Redirects make connections like everything else. Connections to a proxy would hide where a request ends, so there is none.
/// </summary>
internal sealed class OutboundGuard(OutboundSettings settings, OutboundNetwork network)
{
    // A name is looked at again at least so often, however busy its connection is.
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A client that goes nowhere but where the settings let it. It sends no credentials and keeps no cookies by itself; a redirect takes no Authorization header along.</summary>
    /// <remarks>A refusal is an <see cref="HttpRequestException"/> with an <see cref="OutboundRefusedException"/> in it.</remarks>
    public HttpClient NewClient(OutboundLimits limits)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = limits.Redirects > 0,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            ConnectTimeout = s_connectTimeout,
            PooledConnectionLifetime = s_connectionLifetime,
            MaxResponseHeadersLength = 16,
            ConnectCallback = ConnectAsync,
        };
        if (limits.Redirects > 0) handler.MaxAutomaticRedirections = limits.Redirects;
        return new HttpClient(handler) { MaxResponseContentBufferSize = limits.MaxBytes, Timeout = limits.Time };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // Connections are kept by scheme, host and port, so the request that opens one speaks for all that use it.
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        if (context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps && !settings.Allows(host)) throw Refused(host, "it would be asked without TLS", isAllowable: true);
        var addresses = await network.ResolveAsync(host, cancellationToken);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        // One bad address among good ones is no accident, and which of them is used is the network's choice.
        foreach (var address in addresses) Check(host, address);
        return await ConnectAsync([.. addresses.Select(a => new IPEndPoint(a, port))], cancellationToken);
    }

    private void Check(string host, IPAddress address)
    {
        var kind = AddressKinds.Of(address);
        if (kind == AddressKind.Never) throw Refused(host, $"{address} is the address of no server", isAllowable: false);
        if (kind == AddressKind.Own && !settings.Allows(host)) throw Refused(host, $"{address} is not a public address", isAllowable: true);
    }

    private async Task<Stream> ConnectAsync(IPEndPoint[] addresses, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await network.ConnectAsync(addresses[i], cancellationToken);
            }
            catch (SocketException) when (i < addresses.Length - 1)
            {
                // The next address may be reachable, as where there is no IPv6; the last failure is the caller's.
            }
        }
    }

    private static OutboundRefusedException Refused(string host, string reason, bool isAllowable) =>
        new($"The registry does not connect to {host}: {reason}" + (isAllowable ? $", and {SettingsReader.Root}:Outbound:Allow does not name the host." : "."));
}
