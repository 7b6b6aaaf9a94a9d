using System.CommandLine;
using Serverless.Cli.Accounts;
using Serverless.Cli.Output;

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
        return app.BindOperated(command, async (registry, args, cancellationToken) =>
        {
            var maps = args.GetValue(scopes) ?? [];
            var (robot, end) = (args.GetValue(name), args.GetValue(expires)?.From(registry.Time.GetUtcNow()));
            await registry.WarnOfMissingScopesAsync(maps, cancellationToken);
            var password = await registry.Accounts.TryAddRobotAsync(robot, maps, end, cancellationToken) ?? throw AccountKind.Taken(robot);
            var until = end is null ? "" : $", until {end:u}";
            await registry.Console.SayAsync($"Added the robot {robot}, with {AccountCommands.Describe(maps)}{until}. Its password is shown only now:");
            await registry.Console.Out.WriteLineAsync(password);
            return ExitCode.Done;
        });
    }

    private static Command Rotate(CliApp app)
    {
        var name = CommandInputs.AccountName();
        var command = new Command("rotate", "Replaces the older of a robot's two passwords and prints the new one, which is shown only now") { name };
        return app.BindOperated(command, async (registry, args, cancellationToken) =>
        {
            var account = await AccountKind.Robot.GetAsync(registry, args.GetValue(name), cancellationToken);
            var password = await registry.Accounts.RotateAsync(account.Name, cancellationToken) ?? throw AccountKind.Robot.NotFound(account.Name);
            await registry.Console.SayAsync($"The robot {account.Name} has a new password, shown only now. The one before, and the refresh tokens that it gave, hold until the next rotation.");
            await registry.Console.Out.WriteLineAsync(password);
            return ExitCode.Done;
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("list", "Lists the robots") { json }, async (registry, args, cancellationToken) =>
        {
            var robots = registry.Accounts.ListAsync(cancellationToken).Where(a => a.IsRobot).Select(a => new RobotEntry(a.Name.ToString(), a.State, a.Scopes, a.Passwords, a.Expires, a.LastUsed));
            await Listing.WriteAsync(
                registry.Console, args.GetValue(json), robots, CliJsonContext.Default.ListRobotEntry,
                ("name", r => r.Name), ("state", r => r.State), ("scope maps", r => Listing.Text(r.Scopes)), ("passwords", r => Listing.Text(r.Passwords)),
                ("expires", r => Listing.Text(r.Expires)), ("last used", r => Listing.Text(r.LastUsed)));
            return ExitCode.Done;
        });
    }
}
