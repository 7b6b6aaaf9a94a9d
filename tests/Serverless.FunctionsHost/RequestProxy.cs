using Microsoft.AspNetCore.WebUtilities;
using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost;

/// <summary>
/// Hands a request on to the worker, with the component that the host uses for it:
/// <code>
/// Content-Length > 0   read whole, in memory and a temporary file; 500 if it is too large
/// chunked              streams; cut off, and 413, when it has become too large
/// Host                 replaced by the worker's address
/// X-Forwarded-*        replaced: For is the address that the host sees, Host what the client called it
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
        using var beginning = new CancellationTokenSource(options.ResponseTimeout);
        using var running = new CancellationTokenSource(host.FunctionTimeout ?? Timeout.InfiniteTimeSpan);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(beginning.Token, running.Token, http.RequestAborted);
        var isOver = false;
        http.Response.OnStarting(() =>
        {
            // An answer without a body begins when all is over.
            if (!isOver) beginning.CancelAfter(Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
        await forwarder.SendAsync(http, worker.Address.ToString(), _client, _config, HttpTransformer.Default, either.Token);
        isOver = true;
        // The host cannot end a function alone.
        if (running.IsCancellationRequested) worker.Restart();
        if (either.IsCancellationRequested && !http.Response.HasStarted) http.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<bool> TryBufferAsync(HttpRequest request)
    {
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
        var headers = http.Request.Headers;
        headers["X-Azure-Functions-InvocationId"] = headers["x-ms-invocation-id"] = Guid.NewGuid().ToString();
    }
}
