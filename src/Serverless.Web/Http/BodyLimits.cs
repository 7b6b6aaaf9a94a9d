using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Serverless.Web.Http;

/// <summary>The server's limits on bodies, which hold unless they are lifted for a request.</summary>
internal static class BodyLimits
{
    /// <summary>Takes a body of any size, however slowly it comes: storage may be slow to take it, and that must not be held against the client.</summary>
    public static void Lift(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }
}
