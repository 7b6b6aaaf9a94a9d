using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Serverless.FunctionsHost.Grpc;

/// <summary>
/// Where workers call the host: gRPC's one method with one stream in each direction, over HTTP/2 without TLS.
/// <code>
/// worker -> POST /AzureFunctionsRpcMessages.FunctionRpc/EventStream, StartStream{workerId} first
///        &lt;- messages, then the trailer grpc-status
/// </code>
/// </summary>
internal sealed class WorkerEndpoint : IAsyncDisposable
{
    private const string Method = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Expected> _expected = new();

    private WorkerEndpoint(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<WorkerEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2);
            // One request is as long as the worker lives.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var app = builder.Build();
        var endpoint = new WorkerEndpoint(app);
        app.Run(endpoint.ServeAsync);
        await app.StartAsync();
        return endpoint;
    }

    /// <summary>Ends when the worker of that name has called and said StartStream.</summary>
    /// <param name="workerId">The name that the worker was given.</param>
    /// <param name="log">Gets what the worker logs.</param>
    public Task<WorkerChannel> ExpectAsync(string workerId, Action<string> log)
    {
        var connected = new TaskCompletionSource<WorkerChannel>(TaskCreationOptions.RunContinuationsAsynchronously);
        _expected[workerId] = new Expected(connected, log);
        return connected.Task;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        if (http.Request.Path != Method)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = "application/grpc";
        http.Response.DeclareTrailer("grpc-status");
        await using var incoming = GrpcFrames.ReadAsync(http.Request.BodyReader, http.RequestAborted).GetAsyncEnumerator();
        if (await incoming.MoveNextAsync() && WorkerMessages.Read(incoming.Current)["startStream"]?["workerId"]?.GetValue<string>() is { } id && _expected.TryRemove(id, out var expected))
        {
            using var channel = new WorkerChannel(expected.Log);
            expected.Connected.SetResult(channel);
            await channel.RunAsync(incoming, message => GrpcFrames.WriteAsync(http.Response.BodyWriter, message, http.RequestAborted));
        }

        http.Response.AppendTrailer("grpc-status", "0");
    }

    private sealed record Expected(TaskCompletionSource<WorkerChannel> Connected, Action<string> Log);
}
