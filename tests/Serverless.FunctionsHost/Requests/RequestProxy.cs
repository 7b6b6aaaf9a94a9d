using System.Net;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Workers;
using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost.Requests;

/// <summary>
/// Gives a request to a function of the worker, with the component that the host uses for it:
/// <code>
/// client -> host -+- HTTP, x-ms-invocation-id: X -------> the worker's server -+-> function
///                 +- InvocationRequest{X} over gRPC ----> the worker ----------+
/// </code>
/// The answer streams back on the first way; on the second the worker says whether the function succeeded.
/// </summary>
internal sealed class RequestProxy(IHttpForwarder forwarder, BodyHolder bodies, WorkerSupervisor workers, HostFile host, FunctionsHostOptions options) : IDisposable
{
    private readonly HttpMessageInvoker _client = new(new ConnectRetryHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None }));
    private readonly ForwarderRequestConfig _config = new() { ActivityTimeout = options.ActivityTimeout };

    public async Task InvokeAsync(HttpContext http, FunctionMetadata.Http function, RouteValueDictionary values)
    {
        using var held = await bodies.TryHoldAsync(http);
        if (held is null)
        {
            // The client may still be sending.
            http.Response.Headers.Connection = "close";
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        using var limits = new RequestLimits(http, options.ResponseTimeout, host.FunctionTimeout);
        try
        {
            var worker = await workers.GetAsync(limits.Token);
            if (!await TryInvokeAsync(http, worker, function, values, limits.Token)) Fail(http, StatusCodes.Status500InternalServerError);
        }
        catch (OperationCanceledException)
        {
            Fail(http, limits.IsGivenUpInFront ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status500InternalServerError);
        }
    }

    public void Dispose() => _client.Dispose();

    // Whether both ways ended well.
    private async Task<bool> TryInvokeAsync(HttpContext http, Worker worker, FunctionMetadata.Http function, RouteValueDictionary values, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        var invocation = worker.InvokeAsync(function.Name, id, InvocationData.OfRequest(function, values));
        // A worker that is gone does not answer, but its port may be anybody's soon.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, worker.Gone);
        try
        {
            var error = await forwarder.SendAsync(http, worker.HttpUri.AbsoluteUri, _client, _config, new WorkerTransformer(id), over.Token);
            if (error == ForwarderError.None) return await HasSucceededAsync(invocation, over.Token, cancellationToken);
            worker.Cancel(id);
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // The answer is whole by now: a worker that has gone since takes nothing of it away.
    private static async Task<bool> HasSucceededAsync(Task<InvocationResult> invocation, CancellationToken over, CancellationToken cancellationToken)
    {
        try
        {
            return (await invocation.WaitAsync(over)).Succeeded;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private static void Fail(HttpContext http, int status)
    {
        // What has begun can only be broken off, so that the client does not take it for the whole.
        if (http.Response.HasStarted) http.Abort();
        else http.Response.StatusCode = status;
    }
}
