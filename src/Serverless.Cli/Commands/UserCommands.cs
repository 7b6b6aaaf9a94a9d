using System.CommandLine;
using Serverless.Cli.Accounts;
using Serverless.Cli.Output;
using Serverless.Cli.Passwords;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;

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
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var maps = args.GetValue(scopes) ?? [];
            // Nobody shall think up a password for nothing.
            await AccountKind.RefuseTakenAsync(context, args.GetValue(name), cancellationToken);
            await context.WarnOfMissingScopesAsync(maps, cancellationToken);
            var hash = PasswordHashes.Hash(await PasswordPrompt.ReadAsync(context.Console, cancellationToken));
            var account = new Account { Name = args.GetValue(name), PasswordHashes = [hash, null], Scopes = maps };
            await AccountKind.AddAsync(context, account, cancellationToken);
            await context.Console.SayAsync($"Added the user {account.Name}, with {AccountCommands.Describe(maps)}.");
            return ExitCode.Done;
        });
    }

    private static Command SetPassword(CliApp app)
    {
        var name = CommandInputs.AccountName();
        var command = new Command("passwd", "Sets a user's password; asks for it, or reads it from standard input") { name };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var account = await AccountKind.User.GetAsync(context, args.GetValue(name), cancellationToken);
            var hash = PasswordHashes.Hash(await PasswordPrompt.ReadAsync(context.Console, cancellationToken));
            await AccountKind.User.ChangeAsync(context, account.Name, before => before with { PasswordHashes = [hash, null] }, cancellationToken);
            await context.Console.SayAsync($"Set the password of {account.Name}. Refresh tokens from before hold no longer.");
            return ExitCode.Done;
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.Bind(new Command("list", "Lists the users") { json }, async (context, args, cancellationToken) =>
        {
            var now = context.Time.GetUtcNow();
            List<UserEntry> users = [];
            await foreach (var account in context.Accounts.ListAsync(cancellationToken))
            {
                if (!account.IsRobot) users.Add(new UserEntry(account.Name.ToString(), account.Describe(now), account.Scopes, account.LastUsed));
            }

            await Listing.WriteAsync(
                context.Console, args.GetValue(json), users, CliJsonContext.Default.ListUserEntry,
                ("name", u => u.Name), ("state", u => u.State), ("scope maps", u => Listing.Text(u.Scopes)), ("last used", u => Listing.Text(u.LastUsed)));
            return ExitCode.Done;
        });
    }
}
