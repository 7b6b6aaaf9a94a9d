using System.CommandLine;
using Serverless.Cli.Accounts;
using Serverless.Cli.Operating;
using Serverless.Cli.Output;
using Serverless.Cli.Passwords;

namespace Serverless.Cli.Commands;

/// <summary><c>registry users</c>: people, who choose their passwords.</summary>
internal static class UserCommands
{
    public static Command Create(CliApp app) => new("users", "People, who sign in with a password of their own")
    {
        Add(app),
        List(app),
        AccountCommands.Disable(app, AccountKind.User),
        AccountCommands.Enable(app, AccountKind.User),
        SetPassword(app),
        AccountCommands.Remove(app, AccountKind.User),
        AccountCommands.Scopes(app, AccountKind.User),
    };

    private static Command Add(CliApp app)
    {
        var name = CommandInputs.AccountName();
        var scopes = CommandInputs.Scopes();
        var command = new Command("add", "Makes a user; asks for the password, or reads it from standard input") { name, scopes };
        return app.BindOperated(command, async (registry, args, cancellationToken) =>
        {
            var maps = args.GetValue(scopes) ?? [];
            // Nobody shall think up a password for nothing.
            var user = args.GetValue(name);
            if (await registry.Accounts.FindAsync(user, cancellationToken) is not null) throw AccountKind.Taken(user);
            await registry.WarnOfMissingScopesAsync(maps, cancellationToken);
            var password = await PasswordPrompt.ReadAsync(registry.Console, cancellationToken);
            if (!await registry.Accounts.TryAddUserAsync(user, password, maps, cancellationToken)) throw AccountKind.Taken(user);
            await registry.Console.SayAsync($"Added the user {user}, with {AccountCommands.Describe(maps)}.");
            return ExitCode.Done;
        });
    }

    private static Command SetPassword(CliApp app)
    {
        var name = CommandInputs.AccountName();
        var command = new Command("passwd", "Sets a user's password; asks for it, or reads it from standard input") { name };
        return app.BindOperated(command, async (registry, args, cancellationToken) =>
        {
            var account = await AccountKind.User.GetAsync(registry, args.GetValue(name), cancellationToken);
            var password = await PasswordPrompt.ReadAsync(registry.Console, cancellationToken);
            await AccountKind.User.ChangeAsync(registry, account.Name, new AccountEdit { Password = password }, cancellationToken);
            await registry.Console.SayAsync($"Set the password of {account.Name}. Refresh tokens from before hold no longer.");
            return ExitCode.Done;
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("list", "Lists the users") { json }, async (registry, args, cancellationToken) =>
        {
            var users = registry.Accounts.ListAsync(cancellationToken).Where(a => !a.IsRobot).Select(a => new UserEntry(a.Name.ToString(), a.State, a.Scopes, a.LastUsed));
            await Listing.WriteAsync(
                registry.Console, args.GetValue(json), users, CliJsonContext.Default.ListUserEntry,
                ("name", u => u.Name), ("state", u => u.State), ("scope maps", u => Listing.Text(u.Scopes)), ("last used", u => Listing.Text(u.LastUsed)));
            return ExitCode.Done;
        });
    }
}
