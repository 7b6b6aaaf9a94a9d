namespace Serverless.Registry.Accounts;

/// <summary>How somebody had signed in who got a refresh token.</summary>
public abstract record RefreshOrigin
{
    private RefreshOrigin()
    {
    }

    /// <summary>By the password of an account.</summary>
    /// <param name="Generation">The password's, from the row that was read before the password was checked: one of <see cref="Account.Generations"/>.</param>
    public sealed record Password(string Generation) : RefreshOrigin;

    /// <summary>By the token of another issuer; there is no account.</summary>
    /// <param name="Rules">The fingerprints of the rules that let the subject in, all of them.</param>
    public sealed record Federation(IReadOnlyList<string> Rules) : RefreshOrigin;
}
