using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Serverless.Web.Settings;

namespace Serverless.Web.Http;

/// <summary>How much a request may bring and how long it may take. The server's own limits hold for everybody; they are lifted for layers, once it is known who sends them.</summary>
/// <param name="body">How long a body may take that is no layer.</param>
/// <param name="request">How long a request that writes may take.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestLimits(TimeSpan body, TimeSpan request, TimeProvider time)
{
    // What the server reads ahead of whoever reads a body; the framework's own is a mebibyte for each connection and once more behind TLS, which nobody counts.
    private const int ReadAhead = 64 * 1024;

    // Room for the scopes of a token that is asked for with very many.
    private const int LongestLine = 48 * 1024;

    // The framework's own, said here because all hosts rely on it: who brings less is cut off with 408.
    private static readonly MinDataRate s_slowest = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>Sets the server's limits, whatever host it belongs to, and keeps a body that has to wait in its client's hands: little of it is read before its turn.</summary>
    public static IServiceCollection AddTo(IServiceCollection services, ConnectionSettings settings) => services
        .Configure<SocketTransportOptions>(static options => options.MaxReadBufferSize = ReadAhead)
        .Configure<KestrelServerOptions>(options =>
        {
            options.Limits.MaxRequestBufferSize = ReadAhead;
            options.Limits.MaxRequestLineSize = LongestLine;
            // Any byte is a character of it. Proxies write names in it, and what the registry itself reads of headers is ASCII.
            options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
            options.Limits.MaxConcurrentConnections = settings.Most;
            options.Limits.RequestHeadersTimeout = settings.HeadersTimeout;
            options.Limits.MinRequestBodyDataRate = s_slowest;
        });

    /// <summary>Takes a body of any size, however slowly it comes: storage may be slow to take it, and that must not be held against the client.</summary>
    public static void LiftForLayer(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }

    /// <summary>Takes a body only as long as it may take: at the slowest rate a manifest would come for hours.</summary>
    public void LimitBody(HttpContext http) => BodyDeadline.Set(http, body, time);

    /// <summary>Ends a request when its time is up, unless what is returned is disposed of by then.</summary>
    public RequestDeadline LimitRequest(HttpContext http) => RequestDeadline.Set(http, request, time);
}
