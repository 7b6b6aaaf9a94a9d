using System.Globalization;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>
/// How much each account pulls, and each address from which nobody signs in: whoever has used up a minute's requests or bytes is refused before storage is asked for anything. The bytes
/// of a redirect count as those of an answer, when it is given. Each instance counts for itself.
/// </summary>
internal sealed class PullLimits(PullSettings settings, ClientAddress address, TimeProvider time)
{
    private readonly (Allowance Requests, Allowance Bytes) _accounts = Allow(settings.PerAccount, time);
    private readonly (Allowance Requests, Allowance Bytes) _addresses = Allow(settings.PerAddress, time);

    /// <summary>Counts a GET, and what it answers once that is known.</summary>
    /// <exception cref="RegistryException">TOOMANYREQUESTS: there is nothing left for this minute.</exception>
    public void Take(HttpContext http, Caller caller)
    {
        if (!(caller.Name is null ? settings.PerAddress : settings.PerAccount).IsSet) return;
        if ((caller.Name ?? address.NetworkOf(http)) is not { } who) return;
        var (requests, bytes) = caller.Name is null ? _addresses : _accounts;
        // One for now: how many they are nobody knows yet.
        if (!bytes.TryTake(who, 1, out var wait)) throw Refuse(http, wait, "too many bytes pulled in a minute");
        if (!requests.TryTake(who, 1, out wait)) throw Refuse(http, wait, "too many pulls in a minute");
        http.Response.OnStarting(() =>
        {
            bytes.Take(who, (http.Response.ContentLength ?? 0) + RequestRecord.Of(http).Redirected);
            return Task.CompletedTask;
        });
        http.Response.OnCompleted(() =>
        {
            // The length of a list is known at its end.
            if (http.Response.ContentLength is null) bytes.Take(who, RequestRecord.Of(http).Sent);
            return Task.CompletedTask;
        });
    }

    private static RegistryException Refuse(HttpContext http, TimeSpan wait, string message)
    {
        http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return new RegistryException(RegistryError.TooManyRequests, message);
    }

    private static (Allowance Requests, Allowance Bytes) Allow(PullLimit limit, TimeProvider time) => (new Allowance(limit.Requests, time), new Allowance(limit.Bytes, time));
}
