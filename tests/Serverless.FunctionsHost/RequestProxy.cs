using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost;

/// <summary>
/// Hands a request on to the worker, with the component that the host uses for it:
/// <code>
/// Content-Length > 0   read whole, in memory and a temporary file; 500 if it is too large
/// chunked              streams
/// Host                 replaced by the worker's address; what the client called it is in X-Forwarded-Host
/// path                 decoded and encoded again
/// answer               streams; redirects are not followed
/// </code>
/// </summary>
internal sealed class RequestProxy(IHttpForwarder forwarder, FunctionsHostOptions options, HostFile host, WorkerSupervisor worker) : IDisposable
{
    private const int BufferThreshold = 30 * 1024;

    private readonly HttpMessageInvoker _client = new(new ConnectRetryHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = System.Net.DecompressionMethods.None }));
    private readonly ForwarderRequestConfig _config = new() { ActivityTimeout = options.ActivityTimeout };

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.Request.ContentLength > 0 && !await TryBufferAsync(http.Request))
        {
            // The client may still be sending.
            http.Response.Headers.Connection = "close";
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        SetHeaders(http);
        using var tooLong = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var beginning = new Timer(_ => tooLong.Cancel(), null, options.ResponseTimeout, Timeout.InfiniteTimeSpan);
        using var running = host.FunctionTimeout is { } timeout ? new Timer(_ => EndFunction(tooLong), null, timeout, Timeout.InfiniteTimeSpan) : null;
        http.Response.OnStarting(() =>
        {
            beginning.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
        await forwarder.SendAsync(http, worker.Address.ToString(), _client, _config, HttpTransformer.Default, tooLong.Token);
        if (tooLong.IsCancellationRequested && !http.Response.HasStarted) http.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
    }

    public void Dispose() => _client.Dispose();

    private void EndFunction(CancellationTokenSource function)
    {
        function.Cancel();
        worker.Restart();
    }

    private async Task<bool> TryBufferAsync(HttpRequest request)
    {
        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = options.RequestBodySizeLimit;
        request.EnableBuffering(BufferThreshold);
        try
        {
            await request.Body.DrainAsync(request.HttpContext.RequestAborted);
            request.Body.Position = 0;
            return true;
        }
        catch (BadHttpRequestException)
        {
            return false;
        }
    }

    private static void SetHeaders(HttpContext http)
    {
        var (headers, invocation) = (http.Request.Headers, Guid.NewGuid().ToString());
        headers["X-Azure-Functions-InvocationId"] = headers["x-ms-invocation-id"] = invocation;
        headers["X-Forwarded-For"] = $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}";
        headers["X-Forwarded-Host"] = http.Request.Host.ToString();
        headers["X-Forwarded-Proto"] = http.Request.Scheme;
        // Only the host's own word counts.
        headers.Remove("Forwarded");
    }
}
