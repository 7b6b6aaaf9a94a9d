using Serverless.Cli.Operating;
using Serverless.Registry.Access;

namespace Serverless.Cli.Accounts;

/// <summary>Users or robots. They share their names, and a command for the one refuses the other: whoever errs there means somebody else.</summary>
internal sealed class AccountKind
{
    private AccountKind(string noun, bool isRobot) => (Noun, IsRobot) = (noun, isRobot);

    public static AccountKind User { get; } = new("user", isRobot: false);

    public static AccountKind Robot { get; } = new("robot", isRobot: true);

    public string Noun { get; }

    public bool IsRobot { get; }

    /// <exception cref="CliException">There is none, or it is of the other kind.</exception>
    public async Task<AccountInfo> GetAsync(OperatedRegistry registry, AccountName name, CancellationToken cancellationToken)
    {
        var account = await registry.Accounts.FindAsync(name, cancellationToken) ?? throw NotFound(name);
        if (account.IsRobot == IsRobot) return account;
        var other = IsRobot ? User : Robot;
        throw new CliException($"'{name}' is a {other.Noun}; its commands are below 'registry {other.Noun}s'.");
    }

    /// <exception cref="CliException">There is none, or it is of the other kind.</exception>
    public async Task<AccountInfo> ChangeAsync(OperatedRegistry registry, AccountName name, AccountEdit edit, CancellationToken cancellationToken)
    {
        await GetAsync(registry, name, cancellationToken);
        return await registry.Accounts.ChangeAsync(name, edit, cancellationToken) ?? throw NotFound(name);
    }

    /// <summary>What is said where there is an account of that name.</summary>
    public static CliException Taken(AccountName name) => new($"There is an account '{name}' already.");

    /// <summary>What is said where there is none.</summary>
    public CliException NotFound(AccountName name) => new($"There is no {Noun} '{name}'.");
}
