using Serverless.Registry.Oci;

namespace Serverless.Web.Auth.Passwords;

/// <summary>Runs a check of credentials so that it can't be used to guess, and tells the audit log of those that fail.</summary>
internal sealed class SignInAttempts(PasswordGuard guard, ClientAddress address, AuditLog audit)
{
    /// <summary>A check of a password: it waits for its turn, and failures are counted by account and by address.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account, as it was claimed.</param>
    /// <param name="how">The way to sign in, for the audit log.</param>
    /// <param name="check">The check; null when the password is wrong.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public Task<T?> TryPasswordAsync<T>(HttpContext http, string account, string how, Func<Task<T?>> check)
        where T : class => EndAsync(http, account, how, guard.RunAsync(http, account, address.NetworkOf(http), check));

    /// <summary>
    /// A check of a token. It says nothing true of itself before it is checked, so failures are counted by address. Where that is not known they are not: no token can be
    /// guessed.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="account">Under which name it is sent.</param>
    /// <param name="how">The way to sign in, for the audit log.</param>
    /// <param name="check">The check; null when the token does not hold.</param>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public Task<T?> TryTokenAsync<T>(HttpContext http, string account, string how, Func<Task<T?>> check)
        where T : class
    {
        var network = address.NetworkOf(http);
        return EndAsync(http, account, how, guard.CountAsync(http, network is null ? null : account + network, network, check));
    }

    private async Task<T?> EndAsync<T>(HttpContext http, string account, string how, Task<T?> check)
        where T : class
    {
        var result = await check;
        if (result is null) audit.SignInFailed(http, account, how);
        return result;
    }
}
