using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.GarbageCollection;

namespace Serverless.Cli.Commands;

/// <summary><c>registry gc</c>: what the timer does, by hand. The flags are those of distribution's garbage-collect.</summary>
internal static class CollectCommands
{
    public static Command Collect(CliApp app)
    {
        var (dryRun, quiet, json) = (CommandInputs.DryRun(), CommandInputs.Quiet(), CommandInputs.Json());
        var untagged = new Option<bool>("--delete-untagged", "-m") { Description = "Also deletes manifests that no tag leads to, once they are of the age that is set" };
        var repository = CommandInputs.Repository("The one repository to look at, whether it is due or not; without it, those that are");
        // So that command lines of distribution do what they did.
        var config = new Argument<string?>("CONFIG") { Description = "Where distribution has its config.yml: not read, the registry has settings of its own", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("gc", "Collects garbage: what nobody uses and nobody has touched for a grace. People may push meanwhile") { config, dryRun, untagged, repository, quiet, json };
        command.Aliases.Add("garbage-collect");
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            if (args.GetValue(config) is { } file) await context.Console.WarnAsync($"{file} is not read: the registry has settings of its own, and 'registry adopt config' prints those of distribution as such.");
            var settings = context.Settings.Maintenance.Collection;
            var options = settings with
            {
                DryRun = args.GetValue(dryRun),
                DeleteUntagged = args.GetValue(untagged) || settings.DeleteUntagged,
                Repository = args.GetValue(repository),
                // Somebody waits for it to end.
                TimeBudget = TimeSpan.MaxValue,
            };
            List<CollectedItem> items = [];
            var lines = !args.GetValue(quiet) && !args.GetValue(json);
            var summary = await context.Registry.GarbageCollector.CollectAsync(options, Report, cancellationToken);
            if (args.GetValue(json)) await Listing.WriteAsync(context.Console, true, items.ConvertAll(CollectedEntry.Of), CliJsonContext.Default.ListCollectedEntry);
            var would = options.DryRun ? "would be " : "";
            await context.Console.SayAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Reviewed} repositories were looked at. {summary.Count(CollectedKind.Manifest)} manifests, {summary.Count(CollectedKind.Link)} links and {summary.Count(CollectedKind.Blob)} blobs of {summary.FreedBytes} bytes {would}deleted; {summary.Count(CollectedKind.Upload)} uploads {would}ended; {summary.Count(CollectedKind.Repository)} repositories {would}taken out of the catalog."));
            return summary.Count(CollectedKind.Skipped) == 0 ? ExitCode.Done : ExitCode.Refused;

            void Report(CollectedItem item)
            {
                if (args.GetValue(json)) items.Add(item);
                if (lines) context.Console.Out.WriteLine(CollectedEntry.Of(item).ToLine());
            }
        });
    }
}
