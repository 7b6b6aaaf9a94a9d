using System.CommandLine;
using Serverless.Registry.Moving;
using Serverless.Web.Settings;

namespace Serverless.Cli.Commands;

/// <summary><c>registry move</c>: the registry of the settings, in other storage.</summary>
internal static class MoveCommands
{
    public static Command Move(CliApp app)
    {
        var target = new MoveTarget();
        var final = new Option<bool>("--final") { Description = "The last run: the registry is read-only, what it no longer has goes from the target, and the target can be written to afterwards" };
        var replace = new Option<bool>("--replace") { Description = "Also where the target holds this registry already, complete: what was written there since is lost, and nobody may be writing there" };
        var (dryRun, quiet) = (CommandInputs.DryRun(), CommandInputs.Quiet());
        var command = new Command("move", "Moves everything that is stored to a folder or another storage account; one that was cut off goes on") { final, replace, dryRun, quiet };
        foreach (var option in target.Options) command.Add(option);
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var options = new MoveOptions { Final = args.GetValue(final), Replace = args.GetValue(replace), DryRun = args.GetValue(dryRun) };
            using var stores = await OpenAsync(app, target, args, cancellationToken);
            await using var watch = new MoveWatch(context, args.GetValue(quiet));
            try
            {
                var result = await context.Registry.MoveTo(stores.Tables, stores.Objects).RunAsync(options, watch.Progress, watch.Report, cancellationToken);
                await context.Console.SayAsync((options.DryRun ? "It would be: " : "") + watch.Text() + ".");
                if (!options.DryRun) await SayNextAsync(context.Console, result);
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                throw new CliException($"{e.Message} Run it again: it goes on.");
            }

            return watch.Progress.Refused == 0 ? ExitCode.Done : ExitCode.Refused;
        });
    }

    private static async Task<RegistryStores> OpenAsync(CliApp app, MoveTarget target, ParseResult args, CancellationToken cancellationToken)
    {
        try
        {
            return await app.OpenStoresAsync(environment => target.Read(args, environment), cancellationToken);
        }
        catch (SettingsException e)
        {
            throw new CliException($"The target cannot be used: {string.Join(' ', e.Problems)}", ExitCode.Usage);
        }
    }

    private static Task SayNextAsync(CliConsole console, MoveResult result) => result switch
    {
        { IsComplete: true } => console.SayAsync("The target is complete: start the registry on it, lead clients there, and leave this one read-only."),
        { IsSourceReadOnly: true } => console.SayAsync("The target cannot be written to yet. A last run, with --final, makes it complete."),
        _ => console.WarnAsync("Somebody may still write to the registry, and the target cannot be written to yet. Make the registry read-only, wait two minutes, and make a last run with --final."),
    };
}
