using System.CommandLine;
using Serverless.Cli.Accounts;
using Serverless.Cli.Operating;

namespace Serverless.Cli.Commands;

/// <summary>What users and robots have in common.</summary>
internal static class AccountCommands
{
    public static Command Disable(CliApp app, AccountKind kind) => SetDisabled(app, kind, true, "disable", $"Locks a {kind.Noun} out");

    public static Command Enable(CliApp app, AccountKind kind) => SetDisabled(app, kind, false, "enable", $"Lets a {kind.Noun} in again");

    public static Command Remove(CliApp app, AccountKind kind)
    {
        var name = CommandInputs.AccountName();
        return app.BindOperated(new Command("remove", $"Deletes a {kind.Noun}") { name }, async (registry, args, cancellationToken) =>
        {
            var account = await kind.GetAsync(registry, args.GetValue(name), cancellationToken);
            // Whether this call deleted it or another one did meanwhile: it is gone.
            await registry.Accounts.DeleteAsync(account.Name, cancellationToken);
            await registry.Console.SayAsync($"Removed the {kind.Noun} {account.Name}.");
            return ExitCode.Done;
        });
    }

    public static Command Scopes(CliApp app, AccountKind kind)
    {
        var name = CommandInputs.AccountName();
        var scopes = CommandInputs.Scopes($"A scope map that the {kind.Noun} shall have; more may follow");
        scopes.AllowMultipleArgumentsPerToken = true;
        var none = new Option<bool>("--none") { Description = "Takes all scope maps away" };
        var command = new Command("scopes", $"Replaces the scope maps of a {kind.Noun}") { name, scopes, none };
        command.Validators.Add(result =>
        {
            if (result.GetResult(scopes) is null == !result.GetValue(none)) result.AddError("Name the scope maps by --scope, or say --none.");
        });
        return app.BindOperated(command, async (registry, args, cancellationToken) =>
        {
            var maps = args.GetValue(scopes) ?? [];
            var account = await kind.GetAsync(registry, args.GetValue(name), cancellationToken);
            await registry.WarnOfMissingScopesAsync(maps, cancellationToken);
            await kind.ChangeAsync(registry, account.Name, new AccountEdit { Scopes = maps }, cancellationToken);
            await registry.Console.SayAsync($"The {kind.Noun} {account.Name} has {Describe(maps)}.");
            return ExitCode.Done;
        });
    }

    /// <summary>Scope maps in a sentence.</summary>
    public static string Describe(IReadOnlyCollection<string> maps) => maps.Count == 0 ? "no scope maps" : "the scope maps " + string.Join(", ", maps);

    private static Command SetDisabled(CliApp app, AccountKind kind, bool disabled, string verb, string description)
    {
        var name = CommandInputs.AccountName();
        return app.BindOperated(new Command(verb, description) { name }, async (registry, args, cancellationToken) =>
        {
            var account = await kind.ChangeAsync(registry, args.GetValue(name), new AccountEdit { Disabled = disabled }, cancellationToken);
            await registry.Console.SayAsync($"The {kind.Noun} {account.Name} is {account.State}.");
            return ExitCode.Done;
        });
    }
}
