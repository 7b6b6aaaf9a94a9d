using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Serverless.Web.Http;

/// <summary>The server's limits on bodies, which hold unless they are lifted for a request.</summary>
internal static class BodyLimits
{
    // What the server reads ahead of whoever reads a body; the framework's own is a mebibyte for each connection and once more behind TLS, which nobody counts.
    private const int ReadAhead = 64 * 1024;

    /// <summary>Keeps a body that has to wait in its client's hands: little of it is read before its turn.</summary>
    public static IServiceCollection AddNarrowConnections(this IServiceCollection services) => services
        .Configure<SocketTransportOptions>(static options => options.MaxReadBufferSize = ReadAhead)
        .Configure<KestrelServerOptions>(static options => options.Limits.MaxRequestBufferSize = ReadAhead);

    /// <summary>Takes a body of any size, however slowly it comes: storage may be slow to take it, and that must not be held against the client.</summary>
    public static void Lift(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }
}
