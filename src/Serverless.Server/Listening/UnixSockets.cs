using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Serverless.Server.Listening;

/// <summary>Sockets that are files. The one who listens removes its file when it ends; a process that is killed leaves it behind, and nobody could listen there again.</summary>
internal static class UnixSockets
{
    // ENXIO: the file is there, but a socket cannot be opened as files are.
    private const int NotOpenable = 6;

    /// <summary>The socket for an address, which is there even if a dead process has left its file.</summary>
    public static Socket Bind(EndPoint endpoint)
    {
        if (endpoint is UnixDomainSocketEndPoint unix && unix.ToString() is { } path && IsSocket(path) && !IsHeard(unix)) File.Delete(path);
        return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    }

    private static bool IsHeard(UnixDomainSocketEndPoint endpoint)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(endpoint);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }

    // Anything else of that name is a mistake in the address and must not be deleted. Opened for reading alone, a pipe would block.
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == NotOpenable;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
