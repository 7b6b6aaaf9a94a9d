using System.Globalization;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints;

/// <summary>What it means to a client that the registry which is mirrored does not answer as it should.</summary>
internal static class SourceErrors
{
    /// <summary>The protocol's error. It says when to come back, where the source does.</summary>
    public static RegistryException ToError(HttpContext http, ImageSourceException failure)
    {
        var error = failure.IsRateLimit ? RegistryError.TooManyRequests
            : failure.IsTransient ? RegistryError.SourceUnavailable
            : failure.IsRefusal ? RegistryError.Denied
            : RegistryError.SourceWrong;
        if (failure.RetryAfter is { } wait && !http.Response.HasStarted) http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return new RegistryException(error, failure.Message, innerException: failure);
    }
}
