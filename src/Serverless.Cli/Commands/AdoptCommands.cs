using System.CommandLine;
using Serverless.AzureStorage;
using Serverless.Cli.Adoption;
using Serverless.Cli.Output;
using Serverless.Registry.Adoption;
using Serverless.Web.Settings;

namespace Serverless.Cli.Commands;

/// <summary><c>registry adopt</c>: the storage of distribution becomes this registry's, in place; and <c>registry adopt config</c>, its settings.</summary>
internal static class AdoptCommands
{
    // As long as anybody will sit by.
    private const int MostMinutes = 24 * 60;

    public static Command Adopt(CliApp app)
    {
        var root = new Option<string>("--root") { Description = "The rootdirectory of distribution's azure driver; without it, none is set", HelpName = "DIRECTORY", DefaultValueFactory = _ => "" };
        var container = new Option<string?>("--container") { Description = "The container of distribution's azure driver, which must be the registry's own (Storage:Container)", HelpName = "NAME" };
        var verify = new Option<bool>("--verify") { Description = "Reads every byte and compares it with its digest" };
        var force = new Option<bool>("--force") { Description = "Also where something was written less than an hour ago: only if nobody writes there any more" };
        var wait = new Option<int>("--wait") { Description = "How many minutes to wait for timed tasks that run", HelpName = "MINUTES", DefaultValueFactory = _ => 30 };
        var (dryRun, quiet, json) = (CommandInputs.DryRun(), CommandInputs.Quiet(), CommandInputs.Json());
        var command = new Command("adopt", "Makes the storage of distribution (azure driver) this registry's, without moving a byte; one that was cut off goes on")
        {
            root, container, verify, force, wait, dryRun, quiet, json, ConfigCommands.Config(app),
        };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var own = (context.Settings.Storage.Account ?? AzureStorageOptions.Development).ContainerName;
            if (args.GetValue(container) is { } other && other != own)
            {
                throw new CliException(
                    $"The registry's container is '{own}', and a row can name nothing in another one. Either give the registry the container '{other}' (Registry:Storage:Container) before anything is pushed to it, or copy with 'registry copy'.",
                    ExitCode.Usage);
            }

            var options = new AdoptOptions([MaintenanceSettings.CollectGarbage, MaintenanceSettings.Verify])
            {
                Root = args.GetValue(root)!,
                Verify = args.GetValue(verify),
                Force = args.GetValue(force),
                DryRun = args.GetValue(dryRun),
                Wait = args.GetValue(wait) is >= 0 and <= MostMinutes and var minutes ? TimeSpan.FromMinutes(minutes) : throw new CliException($"--wait is 0 to {MostMinutes} minutes.", ExitCode.Usage),
            };
            List<AdoptEntry> entries = [];
            await using var watch = new AdoptWatch(context, args.GetValue(quiet));
            try
            {
                await context.Registry.Adoption.RunAsync(options, watch.Progress, Report, note => context.Console.Error.WriteLine(ClaimLine.Of(note)), cancellationToken);
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                throw new CliException($"{e.Message} Run it again: it goes on.");
            }

            if (args.GetValue(json)) await Listing.WriteAsync(context.Console, true, entries, CliJsonContext.Default.ListAdoptEntry);
            await context.Console.SayAsync((options.DryRun ? "It would be: " : "") + watch.Text() + ".");
            return watch.Progress.Missing + watch.Progress.Refused == 0 ? ExitCode.Done : ExitCode.Refused;

            void Report(AdoptFinding finding)
            {
                var entry = AdoptEntry.Of(finding);
                if (args.GetValue(json)) entries.Add(entry);
                else if (!args.GetValue(quiet)) context.Console.Out.WriteLine(entry.ToLine());
            }
        });
    }
}
