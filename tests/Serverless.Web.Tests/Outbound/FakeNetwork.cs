using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Serverless.Web.Outbound;

namespace Serverless.Web.Tests.Outbound;

/// <summary>Names that a test gives addresses to, and connections that all end at one server of this machine, whatever their address.</summary>
internal sealed class FakeNetwork(string server)
{
    private readonly ConcurrentQueue<IPEndPoint> _connected = new();
    private readonly ConcurrentQueue<string> _resolved = new();

    /// <summary>The answers to a name, one after the other; the last one stays.</summary>
    public Dictionary<string, Queue<IPAddress[]>> Names { get; } = [];

    /// <summary>Addresses that nobody answers at.</summary>
    public HashSet<IPAddress> Dead { get; } = [];

    /// <summary>Where connections were opened to, in order.</summary>
    public IReadOnlyList<string> Connected => [.. _connected.Select(a => a.Address.ToString())];

    /// <summary>Names that were resolved, in order.</summary>
    public IReadOnlyList<string> Resolved => [.. _resolved];

    public OutboundNetwork Network => new(ResolveAsync, ConnectAsync);

    /// <summary>Gives a name its answers, each of them addresses with spaces between.</summary>
    public FakeNetwork Name(string name, params string[] answers)
    {
        Names[name] = new Queue<IPAddress[]>(answers.Select(a => a.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse).ToArray()));
        return this;
    }

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        _resolved.Enqueue(host);
        if (IPAddress.TryParse(host, out var literal)) return Task.FromResult<IPAddress[]>([literal]);
        if (!Names.TryGetValue(host, out var answers)) throw new SocketException((int)SocketError.HostNotFound);
        return Task.FromResult(answers.Count > 1 ? answers.Dequeue() : answers.Peek());
    }

    private async Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        _connected.Enqueue(address);
        if (Dead.Contains(address.Address)) throw new SocketException((int)SocketError.ConnectionRefused);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(new Uri(server).Authority), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
