using System.Globalization;

namespace Serverless.Web.Remotes;

/// <summary>What a registry says of how much may still be read, as Docker Hub does: <c>RateLimit-Remaining: 0;w=21600</c> (https://docs.docker.com/docker-hub/usage/pulls).</summary>
internal static class RemoteRateLimit
{
    /// <summary>Whether nothing may be read any more for a while.</summary>
    public static bool IsUsedUp(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues("RateLimit-Remaining", out var values)
        && int.TryParse(values.ToString().Split(';', ',')[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var left) && left == 0;
}
