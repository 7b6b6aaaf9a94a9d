using System.Globalization;
using System.Threading.RateLimiting;
using Serverless.Registry.Oci;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Keeps guessing slow: failures are counted for each account and for each address, and whoever has used them up is refused, with the right password too,
/// until time has given some back. Checks of passwords cost much by design, so only a few run at once. Each instance counts for itself.
/// </summary>
internal sealed class PasswordGuard : IDisposable
{
    private const int MaxKey = 200;
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    private readonly ConcurrencyLimiter _work = new(new() { PermitLimit = 2 * Environment.ProcessorCount, QueueLimit = 256, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
    private readonly PartitionedRateLimiter<string> _accounts;
    private readonly PartitionedRateLimiter<string> _addresses;

    /// <param name="perAccount">Failures a minute for one account.</param>
    /// <param name="perAddress">Failures a minute from one address.</param>
    public PasswordGuard(int perAccount, int perAddress) => (_accounts, _addresses) = (Failures(perAccount), Failures(perAddress));

    /// <summary>Runs a check of a password, which waits for its turn.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account, as it was claimed.</param>
    /// <param name="address">Where the request comes from; null when that is not known, and not counted then.</param>
    /// <param name="check">The check; null when the password is wrong.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public async Task<T?> RunAsync<T>(HttpContext http, string account, string? address, Func<Task<T?>> check)
        where T : class
    {
        using var turn = await _work.AcquireAsync(1, http.RequestAborted);
        return turn.IsAcquired ? await CountAsync(http, account, address, check) : throw Refuse(http, TimeSpan.FromSeconds(5));
    }

    /// <summary>Runs a check of something that costs little to check, such as a token, and counts its failure in the same way.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account, as it was claimed; null when there is none, and not counted then.</param>
    /// <param name="address">Where the request comes from; null when that is not known, and not counted then.</param>
    /// <param name="check">The check; null when it fails.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public async Task<T?> CountAsync<T>(HttpContext http, string? account, string? address, Func<Task<T?>> check)
        where T : class
    {
        // Anybody may claim to be called anything.
        if (account?.Length > MaxKey) account = account[..MaxKey];
        if (!HasLeft(_accounts, account) || !HasLeft(_addresses, address)) throw Refuse(http, s_period);
        var result = await check();
        if (result is null)
        {
            Take(_accounts, account);
            Take(_addresses, address);
        }

        return result;
    }

    public void Dispose()
    {
        _work.Dispose();
        _accounts.Dispose();
        _addresses.Dispose();
    }

    private static bool HasLeft(PartitionedRateLimiter<string> failures, string? key)
    {
        if (key is null) return true;
        using var left = failures.AttemptAcquire(key, 0);
        return left.IsAcquired;
    }

    private static void Take(PartitionedRateLimiter<string> failures, string? key)
    {
        if (key is not null) failures.AttemptAcquire(key).Dispose();
    }

    private static RegistryException Refuse(HttpContext http, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return new RegistryException(RegistryError.TooManyRequests, "too many failed sign-ins");
    }

    // Whole failures in whole windows: a bucket gives a fraction back at every look, and any fraction would pass for a failure to spare.
    private static PartitionedRateLimiter<string> Failures(int limit) => PartitionedRateLimiter.Create<string, string>(
        key => RateLimitPartition.GetFixedWindowLimiter(key, _ => new() { PermitLimit = limit, Window = s_period, AutoReplenishment = false }));
}
