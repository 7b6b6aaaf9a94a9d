using Serverless.Registry.Access;

namespace Serverless.Registry.Accounts;

/// <summary>Somebody, or something, that signs in.</summary>
public sealed record Account
{
    /// <summary>Its name.</summary>
    public required AccountName Name { get; init; }

    /// <summary>Whether it is a program: its passwords are made for it, and it expires.</summary>
    public bool IsRobot { get; init; }

    /// <summary>The hashes of its passwords by slot. A user has one; a robot has two, so that one can be replaced while the other is in use.</summary>
    public IReadOnlyList<string?> PasswordHashes { get; init; } = [null, null];

    /// <summary>The slot of the password that was set last; the other one of a robot is replaced next.</summary>
    public int NewestPassword { get; init; }

    /// <summary>The names of its scope maps.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Whether it is locked out.</summary>
    public bool Disabled { get; init; }

    /// <summary>When it ends, UTC; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>
    /// By slot, a random text that belongs to the password there. Whoever signs in by that password gets a refresh token that carries a copy, and holds as long as the
    /// two are equal. Kept by <see cref="AccountStore"/>: new when the password there is another, and both are when the account is locked out or gets other scope maps.
    /// </summary>
    public IReadOnlyList<string> Generations { get; init; } = ["", ""];

    /// <summary>When it last signed in, UTC, to the hour; null: never.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>Whether it may sign in at that time, in a word: active, disabled or expired.</summary>
    public string Describe(DateTimeOffset now) => Disabled ? "disabled" : IsActive(now) ? "active" : "expired";

    /// <summary>Whether it may sign in at that time.</summary>
    public bool IsActive(DateTimeOffset now) => !Disabled && (Expires is not { } end || now < end);
}
