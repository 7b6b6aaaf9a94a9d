using System.Globalization;
using Serverless.Registry.Oci;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Keeps guessing slow: wrong passwords are counted for each account and address together, for each address, and, with a limit that nobody reaches who only mistypes, for each
/// account alone. Whoever has used them up is refused until time has given some back. Each instance counts for itself.
/// </summary>
internal sealed class PasswordGuard
{
    private const int MaxKey = 200;

    private readonly FailureCounts _pairs;
    private readonly FailureCounts _addresses;
    private readonly FailureCounts _accounts;

    /// <param name="settings">Failures a minute: for one account from one address, from one address, for one account wherever they come from.</param>
    /// <param name="timeProvider">Tells when a minute is over.</param>
    public PasswordGuard(AuthSettings settings, TimeProvider timeProvider)
    {
        _pairs = new FailureCounts(settings.FailuresPerAccount, timeProvider);
        _addresses = new FailureCounts(settings.FailuresPerAddress, timeProvider);
        _accounts = new FailureCounts(settings.FailuresPerAccountAnywhere, timeProvider);
    }

    /// <summary>Refuses whoever has no failure left.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account, as it was claimed.</param>
    /// <param name="address">Where the request comes from; null when that is not known, and not counted then.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public void Demand(HttpContext http, string account, string? address)
    {
        if (!Limits(account, address).All(l => l.Failures.HasLeft(l.Key))) throw Refuse(http, FailureCounts.Window);
    }

    /// <summary>Counts a wrong password.</summary>
    public void Count(string account, string? address)
    {
        foreach (var (failures, key) in Limits(account, address)) failures.Add(key);
    }

    /// <summary>The refusal of somebody who may come again after a time.</summary>
    public static RegistryException Refuse(HttpContext http, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return new RegistryException(RegistryError.TooManyRequests, "too many failed sign-ins");
    }

    private IEnumerable<(FailureCounts Failures, string Key)> Limits(string account, string? address)
    {
        // Anybody may claim to be called anything.
        if (account.Length > MaxKey) account = account[..MaxKey];
        yield return (_accounts, account);
        if (address is null) yield break;
        yield return (_addresses, address);
        // No address has a blank.
        yield return (_pairs, $"{address} {account}");
    }
}
