using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Serverless.Web.Http;

/// <summary>The server's limits on bodies, which hold unless they are lifted for a request.</summary>
internal static class BodyLimits
{
    // What the server reads ahead of whoever reads a body; the framework's own is a mebibyte for each connection, which nobody counts.
    private const int ReadAhead = 128 * 1024;

    /// <summary>Keeps a body that has to wait in the client's hands: little of it is read before its turn.</summary>
    public static void Narrow(KestrelServerOptions options) => options.Limits.MaxRequestBufferSize = ReadAhead;

    /// <summary>Takes a body of any size, however slowly it comes: storage may be slow to take it, and that must not be held against the client.</summary>
    public static void Lift(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }
}
