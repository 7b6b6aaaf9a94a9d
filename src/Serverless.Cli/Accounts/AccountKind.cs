using Serverless.Registry.Access;
using Serverless.Registry.Accounts;

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
    public async Task<Account> GetAsync(CliContext context, AccountName name, CancellationToken cancellationToken)
    {
        var account = await context.Accounts.FindAsync(name, cancellationToken) ?? throw NotFound(name);
        if (account.IsRobot == IsRobot) return account;
        var other = IsRobot ? User : Robot;
        throw new CliException($"'{name}' is a {other.Noun}; its commands are below 'registry {other.Noun}s'.");
    }

    /// <exception cref="CliException">There is none, or it is of the other kind.</exception>
    public async Task<Account> ChangeAsync(CliContext context, AccountName name, Func<Account, Account> change, CancellationToken cancellationToken)
    {
        await GetAsync(context, name, cancellationToken);
        return await context.Accounts.ChangeAsync(name, change, cancellationToken) ?? throw NotFound(name);
    }

    /// <exception cref="CliException">There is an account of that name.</exception>
    public static async Task RefuseTakenAsync(CliContext context, AccountName name, CancellationToken cancellationToken)
    {
        if (await context.Accounts.FindAsync(name, cancellationToken) is { } account) throw Taken(account.Name);
    }

    /// <exception cref="CliException">There is an account of that name.</exception>
    public static async Task AddAsync(CliContext context, Account account, CancellationToken cancellationToken)
    {
        if (!await context.Accounts.TryAddAsync(account, cancellationToken)) throw Taken(account.Name);
    }

    private static CliException Taken(AccountName name) => new($"There is an account '{name}' already.");

    private CliException NotFound(AccountName name) => new($"There is no {Noun} '{name}'.");
}
