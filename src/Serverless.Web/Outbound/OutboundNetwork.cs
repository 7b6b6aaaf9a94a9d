using System.Net;
using System.Net.Sockets;

namespace Serverless.Web.Outbound;

/// <summary>How names become addresses and addresses connections.</summary>
/// <param name="ResolveAsync">The addresses of a host, which may be an address itself.</param>
/// <param name="ConnectAsync">Opens a connection to an address.</param>
internal sealed record OutboundNetwork(
    Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync, Func<IPEndPoint, CancellationToken, Task<Stream>> ConnectAsync)
{
    /// <summary>The network of this machine.</summary>
    public static OutboundNetwork System { get; } = new(Dns.GetHostAddressesAsync, OpenAsync);

    private static async Task<Stream> OpenAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
