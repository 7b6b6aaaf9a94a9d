using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost.Requests;

/// <summary>
/// What the host changes in a request's head on its way to the worker:
/// <code>
/// Host                 the client's
/// X-Forwarded-*        replaced: For is the address that the host sees, Host what the client called it
/// x-ms-invocation-id   tells the worker which invocation the request belongs to
/// path                 decoded and encoded again: %3A arrives as a colon, %2F as %252F, which is decoded to %2F; '..' is resolved before
/// query                what an address may not hold is encoded
/// the rest             as it is
/// a body in chunks     streams, but some kilobytes of it may wait for more
/// </code>
/// </summary>
internal sealed class WorkerTransformer(string invocationId) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await Default.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        proxyRequest.Headers.Remove("x-ms-invocation-id");
        proxyRequest.Headers.Add("x-ms-invocation-id", invocationId);
    }
}
