using Serverless.Registry.Access;

namespace Serverless.Cli.Operating;

/// <summary>The accounts of a registry.</summary>
internal interface IAccounts
{
    /// <summary>All of them, by name.</summary>
    IAsyncEnumerable<AccountInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>One of them; null when there is none.</summary>
    Task<AccountInfo?> FindAsync(AccountName name, CancellationToken cancellationToken);

    /// <summary>Makes a user.</summary>
    /// <returns>False when there is an account of that name.</returns>
    Task<bool> TryAddUserAsync(AccountName name, string password, IReadOnlyList<string> scopes, CancellationToken cancellationToken);

    /// <summary>Makes a robot.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="scopes">Its scope maps.</param>
    /// <param name="expires">When it ends, UTC; null: never.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its password, which is shown nowhere else; null when there is an account of that name.</returns>
    Task<string?> TryAddRobotAsync(AccountName name, IReadOnlyList<string> scopes, DateTimeOffset? expires, CancellationToken cancellationToken);

    /// <summary>Changes an account.</summary>
    /// <returns>What it has become; null when there is none.</returns>
    Task<AccountInfo?> ChangeAsync(AccountName name, AccountEdit edit, CancellationToken cancellationToken);

    /// <summary>Replaces the older of a robot's two passwords.</summary>
    /// <returns>The new one; null when there is no such account.</returns>
    Task<string?> RotateAsync(AccountName name, CancellationToken cancellationToken);

    /// <summary>Deletes an account. One that is gone already counts as deleted.</summary>
    Task DeleteAsync(AccountName name, CancellationToken cancellationToken);
}

/// <summary>An account, without its passwords.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsRobot">Whether it is a program.</param>
/// <param name="State">active, disabled or expired.</param>
/// <param name="Scopes">Its scope maps.</param>
/// <param name="Passwords">How many passwords hold.</param>
/// <param name="Expires">When it ends, UTC; null: never.</param>
/// <param name="LastUsed">When it last signed in, UTC, to the hour; null: never.</param>
internal sealed record AccountInfo(AccountName Name, bool IsRobot, string State, IReadOnlyList<string> Scopes, int Passwords, DateTimeOffset? Expires, DateTimeOffset? LastUsed);

/// <summary>What is to change of an account; what is null stays as it is.</summary>
internal sealed record AccountEdit
{
    /// <summary>Whether it is locked out.</summary>
    public bool? Disabled { get; init; }

    /// <summary>All scope maps that it has from now on.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>A user's new password.</summary>
    public string? Password { get; init; }
}
