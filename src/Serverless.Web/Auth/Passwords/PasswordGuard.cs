using System.Globalization;
using System.Threading.RateLimiting;
using Serverless.Registry.Oci;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Keeps guessing slow: wrong passwords are counted for each account and address together, for each address, and, with a limit that nobody reaches who only mistypes, for each
/// account alone. Whoever has used them up is refused until time has given some back. Each instance counts for itself.
/// </summary>
internal sealed class PasswordGuard : IDisposable
{
    private const int MaxKey = 200;
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<string> _pairs;
    private readonly PartitionedRateLimiter<string> _addresses;
    private readonly PartitionedRateLimiter<string> _accounts;

    /// <param name="perAccount">Failures a minute for one account from one address.</param>
    /// <param name="perAddress">Failures a minute from one address.</param>
    /// <param name="perAccountAnywhere">Failures a minute for one account, wherever they come from.</param>
    public PasswordGuard(int perAccount, int perAddress, int perAccountAnywhere) =>
        (_pairs, _addresses, _accounts) = (Failures(perAccount), Failures(perAddress), Failures(perAccountAnywhere));

    /// <summary>Refuses whoever has no failure left.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account, as it was claimed.</param>
    /// <param name="address">Where the request comes from; null when that is not known, and not counted then.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public void Demand(HttpContext http, string account, string? address)
    {
        if (!Limits(account, address).All(l => HasLeft(l.Failures, l.Key))) throw Refuse(http, s_period);
    }

    /// <summary>Counts a wrong password.</summary>
    public void Count(string account, string? address)
    {
        foreach (var (failures, key) in Limits(account, address)) failures.AttemptAcquire(key).Dispose();
    }

    /// <summary>The refusal of somebody who may come again after a time.</summary>
    public static RegistryException Refuse(HttpContext http, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return new RegistryException(RegistryError.TooManyRequests, "too many failed sign-ins");
    }

    public void Dispose()
    {
        _pairs.Dispose();
        _addresses.Dispose();
        _accounts.Dispose();
    }

    private IEnumerable<(PartitionedRateLimiter<string> Failures, string Key)> Limits(string account, string? address)
    {
        // Anybody may claim to be called anything.
        if (account.Length > MaxKey) account = account[..MaxKey];
        yield return (_accounts, account);
        if (address is null) yield break;
        yield return (_addresses, address);
        // No address has a blank.
        yield return (_pairs, $"{address} {account}");
    }

    private static bool HasLeft(PartitionedRateLimiter<string> failures, string key)
    {
        using var left = failures.AttemptAcquire(key, 0);
        return left.IsAcquired;
    }

    // Whole failures in whole windows: a bucket gives a fraction back at every look, and any fraction would pass for a failure to spare.
    private static PartitionedRateLimiter<string> Failures(int limit) => PartitionedRateLimiter.Create<string, string>(
        key => RateLimitPartition.GetFixedWindowLimiter(key, _ => new() { PermitLimit = limit, Window = s_period, AutoReplenishment = false }));
}
