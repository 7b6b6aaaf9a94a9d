using System.CommandLine;
using Serverless.Cli.Output;
using Serverless.Registry.Access;

namespace Serverless.Cli.Commands;

/// <summary><c>registry scopes</c>: rights under a name that accounts refer to.</summary>
internal static class ScopeCommands
{
    public static Command Create(CliApp app) => new("scopes", "Scope maps: rights under a name that accounts refer to") { Set(app), List(app), Remove(app) };

    private static Command Set(CliApp app)
    {
        var name = CommandInputs.ScopeMapName();
        var rules = CommandInputs.Rules();
        return app.BindOperated(new Command("set", "Makes a scope map or replaces it") { name, rules }, async (registry, args, cancellationToken) =>
        {
            var map = args.GetRequiredValue(name);
            var rights = new AccessRights(args.GetRequiredValue(rules));
            await registry.ScopeMaps.SetAsync(map, rights, cancellationToken);
            await registry.Console.SayAsync($"The scope map {map} gives {string.Join(' ', rights.Rules)}.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliApp app)
    {
        var name = CommandInputs.ScopeMapName();
        return app.BindOperated(new Command("remove", "Deletes a scope map; accounts that name it lose its rights") { name }, async (registry, args, cancellationToken) =>
        {
            var map = args.GetRequiredValue(name);
            if (!await registry.ScopeMaps.DeleteAsync(map, cancellationToken)) throw new CliException($"There is no scope map '{map}'.");
            await registry.Console.SayAsync($"Removed the scope map {map}.");
            return ExitCode.Done;
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("list", "Lists the scope maps, those of the configuration included") { json }, async (registry, args, cancellationToken) =>
        {
            var entries = (await registry.ScopeMaps.ListAsync(cancellationToken)).Select(m => new ScopeMapEntry(m.Name, m.Rules, m.IsConfigured ? "configuration" : "stored")).ToList();
            await Listing.WriteAsync(
                registry.Console, args.GetValue(json), entries, CliJsonContext.Default.ListScopeMapEntry,
                ("name", m => m.Name), ("rights", m => Listing.Text(m.Rights)), ("source", m => m.Source));
            return ExitCode.Done;
        });
    }
}
