using Serverless.Registry.Oci;

namespace Serverless.Web.Auth.Passwords;

/// <summary>Runs a check of credentials so that it can't be used to guess, nor to keep others out, and tells the audit log of those that fail.</summary>
internal sealed class SignInAttempts(PasswordGuard guard, PasswordLanes lanes, ProvenPasswords proven, ClientAddress address, AuditLog audit)
{
    private static readonly TimeSpan s_full = TimeSpan.FromSeconds(5);

    /// <summary>Whether so many names are invented just now that who has none of those that there are would be turned away.</summary>
    public bool IsFlooded => lanes.IsFlooded;

    /// <summary>Turns somebody away whose password nobody has looked at.</summary>
    public static RegistryException TurnAway(HttpContext http) => PasswordGuard.Refuse(http, s_full);

    /// <summary>A check of a password that a person has chosen: it waits for its turn, and failures are counted. The password that was right last needs neither.</summary>
    /// <param name="http">The request.</param>
    /// <param name="credentials">What was sent.</param>
    /// <param name="how">The way to sign in, for the audit log.</param>
    /// <param name="find">Finds what the password is to be compared with.</param>
    /// <returns>The owner; null when the password is wrong.</returns>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public async Task<T?> TryPasswordAsync<T>(HttpContext http, BasicCredentials credentials, string how, Func<Task<StoredPassword<T>>> find)
        where T : class
    {
        var (name, network) = (credentials.Name, address.NetworkOf(http));
        var isProven = proven.Knows(name);
        // Others have used this name up, perhaps. Whoever has signed in by it shall be let in all the same, which only a look at the account can tell.
        if (!isProven) guard.Demand(http, name, network);
        var stored = await find();
        if (IsSame()) return stored.Owner;
        guard.Demand(http, name, network);
        var standing = stored.Owner is null ? PasswordStanding.Stranger : isProven ? PasswordStanding.Proven : PasswordStanding.Known;
        if (await lanes.TryRunAsync(standing, IsRight, http.RequestAborted) is not { } right) throw TurnAway(http);
        if (right && stored.Owner is { } owner)
        {
            proven.Add(name, stored.Hash, credentials.Password);
            return owner;
        }

        audit.SignInFailed(http, name, how);
        return null;

        bool IsSame() => stored.Owner is not null && proven.IsRight(name, stored.Hash, credentials.Password);

        // In its turn: of many at once who have the same password one computes for all, and of many guesses no more are computed than may fail.
        bool IsRight()
        {
            if (IsSame()) return true;
            guard.Demand(http, name, network);
            if (stored.Fits(credentials.Password) && stored.Owner is not null) return true;
            guard.Count(name, network);
            return false;
        }
    }

    /// <summary>
    /// A check of what nobody can guess: a token, or a robot's password. Nothing is counted that could be held against whoever has the right one, and the check costs little.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="account">Under which name it is sent.</param>
    /// <param name="how">The way to sign in, for the audit log.</param>
    /// <param name="check">The check; null when the secret does not hold.</param>
    public async Task<T?> TrySecretAsync<T>(HttpContext http, string account, string how, Func<Task<T?>> check)
        where T : class
    {
        var result = await check();
        if (result is null) audit.SignInFailed(http, account, how);
        return result;
    }

    /// <summary>Counts credentials or a form that cannot be read as a wrong password of their address, where that is known, and tells the audit log.</summary>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public void RefuseUnreadable(HttpContext http)
    {
        if (address.NetworkOf(http) is { } network)
        {
            guard.Demand(http, "", network);
            guard.Count("", network);
        }

        audit.SignInFailed(http, "", "unreadable");
    }
}
