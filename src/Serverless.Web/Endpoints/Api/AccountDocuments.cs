using System.ComponentModel;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Endpoints.Api;

/// <summary>An account as it is shown.</summary>
internal sealed record AccountDocument
{
    [Description("Its name.")]
    public required string Name { get; init; }

    [Description("user, who has a password of its own; or robot, a program whose passwords are made for it.")]
    public required string Kind { get; init; }

    [Description("active, disabled or expired.")]
    public required string State { get; init; }

    [Description("Its scope maps.")]
    public required IReadOnlyList<string> ScopeMaps { get; init; }

    [Description("How many passwords it has: a robot two at most.")]
    public required int Passwords { get; init; }

    [Description("When it ends.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("When it last signed in, to the hour.")]
    public DateTimeOffset? LastUsedAt { get; init; }

    [Description("A robot's new password. It is shown only in the answer to the request that made it.")]
    public string? Password { get; init; }

    public static AccountDocument Of(Account account, DateTimeOffset now) => new()
    {
        Name = account.Name.ToString(),
        Kind = account.IsRobot ? "robot" : "user",
        State = account.Describe(now),
        ScopeMaps = account.Scopes,
        Passwords = account.PasswordHashes.Count(h => h is not null),
        ExpiresAt = account.Expires,
        LastUsedAt = account.LastUsed,
    };
}

/// <summary>A page of accounts.</summary>
internal sealed record AccountListDocument
{
    [Description("The accounts, by name.")]
    public required IReadOnlyList<AccountDocument> Accounts { get; init; }

    [Description("Begins the next page; not there on the last one.")]
    public string? Cursor { get; init; }
}

/// <summary>The body of a request for an account.</summary>
internal sealed record AccountOrder
{
    [Description("Its name: 1 to 128 letters, digits and . _ @ + -, beginning with a letter or digit.")]
    public required string Name { get; init; }

    [Description("user or robot. Default: user.")]
    public string? Kind { get; init; }

    [Description("A user's password, of 8 characters to 256 bytes. A robot's is made for it.")]
    public string? Password { get; init; }

    [Description("Its scope maps. They may come later.")]
    public IReadOnlyList<string>? ScopeMaps { get; init; }

    [Description("When a robot ends; never without.")]
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>The body of a request that changes an account. What is not there stays as it is.</summary>
internal sealed record AccountChange
{
    [Description("Whether it is locked out.")]
    public bool? Disabled { get; init; }

    [Description("All scope maps that it has from now on.")]
    public IReadOnlyList<string>? ScopeMaps { get; init; }

    [Description("A user's new password.")]
    public string? Password { get; init; }
}

/// <summary>A robot's new password.</summary>
internal sealed record NewPasswordDocument([property: Description("The password, which is shown only now. The one before holds until the next is made.")] string Password);

/// <summary>The scope maps.</summary>
internal sealed record ScopeMapListDocument([property: Description("All of them, by name.")] IReadOnlyList<ScopeMapDocument> ScopeMaps);

/// <summary>A scope map as it is shown.</summary>
internal sealed record ScopeMapDocument(
    [property: Description("Its name. The map anonymous holds for everybody.")] string Name,
    [property: Description("What it gives, such as team/*:pull,push or registry:catalog:*.")] IReadOnlyList<string> Rules,
    [property: Description("Whether the configuration has it, so that it cannot be changed here.")] bool IsConfigured);

/// <summary>The body of a request that sets a scope map.</summary>
internal sealed record ScopeMapOrder
{
    [Description("What it gives, such as team/*:pull,push or registry:catalog:*.")]
    public required IReadOnlyList<string> Rules { get; init; }
}

/// <summary>A page of what admins have changed.</summary>
internal sealed record AuditDocument
{
    [Description("The changes, the newest first.")]
    public required IReadOnlyList<AuditEntryDocument> Changes { get; init; }

    [Description("Begins the next page; not there on the last one.")]
    public string? Cursor { get; init; }
}

/// <summary>A change by an admin, as it is shown.</summary>
internal sealed record AuditEntryDocument(
    [property: Description("When.")] DateTimeOffset At,
    [property: Description("Who; not there when nobody knows.")] string? By,
    [property: Description("What was done: account.add, account.change, account.password, account.delete, scope-map.set, scope-map.delete, repository.delete.")] string Action,
    [property: Description("What it was done to.")] string Target,
    [property: Description("What it was changed to, without secrets.")] string? Detail)
{
    public static AuditEntryDocument Of(AdminChange change) => new(change.At, change.By, change.Action, change.Target, change.Detail);
}
