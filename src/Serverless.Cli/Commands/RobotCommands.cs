using System.CommandLine;
using Serverless.Cli.Accounts;
using Serverless.Cli.Output;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Cli.Commands;

/// <summary><c>registry robots</c>: programs, whose passwords are made for them and shown once.</summary>
internal static class RobotCommands
{
    public static Command Create(CliApp app) => new("robots", "Programs, which sign in with a password that is made for them")
    {
        Add(app),
        Rotate(app),
        List(app),
        AccountCommands.Disable(app, AccountKind.Robot),
        AccountCommands.Enable(app, AccountKind.Robot),
        AccountCommands.Remove(app, AccountKind.Robot),
        AccountCommands.Scopes(app, AccountKind.Robot),
    };

    private static Command Add(CliApp app)
    {
        var name = CommandInputs.AccountName();
        var scopes = CommandInputs.Scopes();
        var expires = CommandInputs.Expires();
        var command = new Command("add", "Makes a robot and prints its password, which is shown only now") { name, scopes, expires };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var maps = args.GetValue(scopes) ?? [];
            var end = args.GetValue(expires)?.From(context.Time.GetUtcNow());
            await context.WarnOfMissingScopesAsync(maps, cancellationToken);
            var password = RobotPassword.New(slot: 0);
            var account = new Account { Name = args.GetValue(name), IsRobot = true, PasswordHashes = [RobotPassword.Hash(password), null], Scopes = maps, Expires = end };
            await AccountKind.AddAsync(context, account, cancellationToken);
            var until = end is null ? "" : $", until {end:u}";
            await context.Console.SayAsync($"Added the robot {account.Name}, with {AccountCommands.Describe(maps)}{until}. Its password is shown only now:");
            await context.Console.Out.WriteLineAsync(password);
            return ExitCode.Done;
        });
    }

    private static Command Rotate(CliApp app)
    {
        var name = CommandInputs.AccountName();
        var command = new Command("rotate", "Replaces the older of a robot's two passwords and prints the new one, which is shown only now") { name };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var rotation = new RobotRotation();
            var account = await AccountKind.Robot.ChangeAsync(context, args.GetValue(name), rotation.Apply, cancellationToken);
            await context.Console.SayAsync($"The robot {account.Name} has a new password, shown only now. The one before, and the refresh tokens that it gave, hold until the next rotation.");
            await context.Console.Out.WriteLineAsync(rotation.Password);
            return ExitCode.Done;
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.Bind(new Command("list", "Lists the robots") { json }, async (context, args, cancellationToken) =>
        {
            var now = context.Time.GetUtcNow();
            List<RobotEntry> robots = [];
            await foreach (var account in context.Accounts.ListAsync(cancellationToken))
            {
                if (!account.IsRobot) continue;
                var passwords = account.PasswordHashes.Count(h => h is not null);
                robots.Add(new RobotEntry(account.Name.ToString(), account.Describe(now), account.Scopes, passwords, account.Expires, account.LastUsed));
            }

            await Listing.WriteAsync(
                context.Console, args.GetValue(json), robots, CliJsonContext.Default.ListRobotEntry,
                ("name", r => r.Name), ("state", r => r.State), ("scope maps", r => Listing.Text(r.Scopes)), ("passwords", r => Listing.Text(r.Passwords)),
                ("expires", r => Listing.Text(r.Expires)), ("last used", r => Listing.Text(r.LastUsed)));
            return ExitCode.Done;
        });
    }
}
