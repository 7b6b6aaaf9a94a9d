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
        return app.Bind(new Command("set", "Makes a scope map or replaces it") { name, rules }, async (context, args, cancellationToken) =>
        {
            var map = args.GetRequiredValue(name);
            RefuseConfigured(context, map);
            var rights = new AccessRights(args.GetRequiredValue(rules));
            await context.ScopeMaps.SetAsync(map, rights, cancellationToken);
            await context.Console.SayAsync($"The scope map {map} gives {string.Join(' ', rights.Rules)}.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliApp app)
    {
        var name = CommandInputs.ScopeMapName();
        return app.Bind(new Command("remove", "Deletes a scope map; accounts that name it lose its rights") { name }, async (context, args, cancellationToken) =>
        {
            var map = args.GetRequiredValue(name);
            RefuseConfigured(context, map);
            if (!await context.ScopeMaps.DeleteAsync(map, cancellationToken)) throw new CliException($"There is no scope map '{map}'.");
            await context.Console.SayAsync($"Removed the scope map {map}.");
            return ExitCode.Done;
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.Bind(new Command("list", "Lists the scope maps, those of the configuration included") { json }, async (context, args, cancellationToken) =>
        {
            var configured = context.Settings.Auth.ScopeMaps;
            var maps = await context.ScopeMaps.ListAsync(cancellationToken);
            var entries = maps.Select(m => Entry(m.Key, m.Value)).ToList();
            await Listing.WriteAsync(
                context.Console, args.GetValue(json), entries, CliJsonContext.Default.ListScopeMapEntry,
                ("name", m => m.Name), ("rights", m => Listing.Text(m.Rights)), ("source", m => m.Source));
            return ExitCode.Done;

            ScopeMapEntry Entry(string name, AccessRights rights) => new(name, [.. rights.Rules.Select(r => r.ToString())], configured.ContainsKey(name) ? "configuration" : "stored");
        });
    }

    private static void RefuseConfigured(CliContext context, string map)
    {
        if (!context.Settings.Auth.ScopeMaps.ContainsKey(map)) return;
        throw new CliException($"The scope map '{map}' is set by the configuration, and can be changed only there.");
    }
}
