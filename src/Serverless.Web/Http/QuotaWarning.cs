using System.Globalization;
using Serverless.Registry.Core;

namespace Serverless.Web.Http;

/// <summary>Tells whoever pushes that a namespace holds more than its soft quota (OCI distribution specification 1.1.1, "Warnings"). The push succeeds all the same.</summary>
internal static class QuotaWarning
{
    /// <summary>Adds <c>Warning: 299 - "..."</c> where the namespace is over its soft quota.</summary>
    public static void Write(HttpResponse response, QuotaState? state)
    {
        if (state is not { IsOverSoft: true }) return;
        response.Headers.Append("Warning", string.Create(CultureInfo.InvariantCulture, $"299 - \"The namespace holds {state.Bytes} bytes, and its quota warns from {state.Quota.Soft} on.\""));
    }
}
