using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Server.Listening;

/// <summary>
/// HTTP/2 without TLS beside HTTP/1.1 on the same address. Kestrel chooses by ALPN, which only TLS has; without it an address is of one version. But clients that know
/// beforehand begin with a preface that is no request of HTTP/1.1 (RFC 9113, section 3.4):
/// <code>
/// connection -> its first bytes -> anything else: HTTP/1.1, on the connection's own endpoint
///                               -> the preface:   handed over to a second endpoint, which is of HTTP/2 alone and listens nowhere
/// </code>
/// </summary>
internal sealed class PriorKnowledge(TimeSpan patience, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The endpoint of HTTP/2 alone.</summary>
    public EndPoint EndPoint { get; } = new NoAddress();

    public bool CanBind(EndPoint endpoint) => endpoint == EndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new HandedOver(_connections, EndPoint));

    /// <summary>Stands before the endpoint of HTTP/1.1.</summary>
    public ConnectionDelegate Sort(ConnectionDelegate http1) => async connection =>
    {
        switch (await BeginsWithPrefaceAsync(connection))
        {
            case true: await HandOverAsync(connection); break;
            case false: await http1(connection); break;
            // It has ended, or had to, before it said anything.
            default: break;
        }
    };

    private async Task HandOverAsync(ConnectionContext connection)
    {
        var lent = new LentConnection(connection);
        // Once the server stops nobody takes it.
        if (_connections.Writer.TryWrite(lent)) await lent.Returned;
    }

    private async Task<bool?> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patient = new CancellationTokenSource(patience, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            patient.Token, connection.ConnectionClosed, connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(end.Token);
                var verdict = Judge(read.Buffer);
                if (verdict is not null || read.IsCompleted)
                {
                    input.AdvanceTo(read.Buffer.Start);
                    return verdict ?? (read.Buffer.IsEmpty ? null : false);
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private static bool? Judge(ReadOnlySequence<byte> start)
    {
        Span<byte> bytes = stackalloc byte[(int)Math.Min(start.Length, Preface.Length)];
        start.Slice(0, bytes.Length).CopyTo(bytes);
        return !Preface.StartsWith(bytes) ? false : bytes.Length == Preface.Length ? true : null;
    }

    private sealed class NoAddress : EndPoint
    {
        public override string ToString() => "h2c";
    }

    private sealed class HandedOver(Channel<ConnectionContext> connections, EndPoint endpoint) : IConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await connections.Reader.WaitToReadAsync(cancellationToken) && connections.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            connections.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    /// <summary>A connection that another endpoint has and wants back.</summary>
    private sealed class LentConnection(ConnectionContext owned) : ConnectionContext
    {
        private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Returned => _returned.Task;

        public override string ConnectionId { get => owned.ConnectionId; set => owned.ConnectionId = value; }

        // Of its own, for what the second endpoint puts into it.
        public override IFeatureCollection Features { get; } = new FeatureCollection(owned.Features);

        public override IDictionary<object, object?> Items { get => owned.Items; set => owned.Items = value; }

        public override IDuplexPipe Transport { get => owned.Transport; set => owned.Transport = value; }

        public override CancellationToken ConnectionClosed { get => owned.ConnectionClosed; set => owned.ConnectionClosed = value; }

        public override EndPoint? LocalEndPoint { get => owned.LocalEndPoint; set => owned.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => owned.RemoteEndPoint; set => owned.RemoteEndPoint = value; }

        public override void Abort(ConnectionAbortedException abortReason) => owned.Abort(abortReason);

        public override ValueTask DisposeAsync()
        {
            _returned.TrySetResult();
            return base.DisposeAsync();
        }
    }
}
