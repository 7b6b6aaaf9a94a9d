using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Retention;
using Serverless.Registry.Verification;

namespace Serverless.Cli.Commands;

/// <summary><c>registry verify</c> and <c>registry retention</c>.</summary>
internal static class VerifyCommands
{
    public static Command Verify(CliApp app)
    {
        var repair = new Option<bool>("--repair") { Description = "Repairs what can be repaired safely; with --rehash, deletes bytes that are proved wrong, so that a push brings them again" };
        var keep = new Option<bool>("--keep-orphans") { Description = "Deletes no bytes that nobody names; for tables that were put back from an old copy" };
        var rehash = new Option<bool>("--rehash") { Description = "Reads every byte and compares it with its digest" };
        var (quiet, json) = (CommandInputs.Quiet(), CommandInputs.Json());
        var command = new Command("verify", "Compares what is stored with what the tables say, both ways") { repair, keep, rehash, quiet, json };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var options = new VerifyOptions { Repair = args.GetValue(repair), DeleteOrphans = !args.GetValue(keep), RehashDigests = args.GetValue(rehash) };
            List<FindingEntry> findings = [];
            var summary = await context.Registry.Verifier.RunAsync(options, Report, cancellationToken);
            if (args.GetValue(json)) await Listing.WriteAsync(context.Console, true, findings, CliJsonContext.Default.ListFindingEntry);
            await context.Console.SayAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Objects} objects, {summary.Blobs} blobs, {summary.Links} links, {summary.Repositories} repositories, {summary.Manifests} manifests and {summary.Tags} tags: {summary.Findings.Values.Sum()} findings, {summary.Repaired} repaired."));
            if (!summary.IsComplete) await context.Console.WarnAsync("Not everything could be read and checked, so there may be more to find, and no bytes were deleted.");
            return summary.IsComplete && summary.Findings.Values.Sum() == summary.Repaired ? ExitCode.Done : ExitCode.Refused;

            void Report(VerifyFinding finding)
            {
                var entry = FindingEntry.Of(finding);
                if (args.GetValue(json)) findings.Add(entry);
                else if (!args.GetValue(quiet)) context.Console.Out.WriteLine(entry.ToLine());
            }
        });
    }

    public static Command Retention(CliApp app)
    {
        var (dryRun, quiet) = (CommandInputs.DryRun(), CommandInputs.Quiet());
        return app.Bind(new Command("retention", "Deletes the tags that the rules of the settings (Retention:0:...) do not keep") { dryRun, quiet }, async (context, args, cancellationToken) =>
        {
            var rules = context.Settings.Maintenance.Retention;
            if (rules.Count == 0) await context.Console.WarnAsync("There are no rules: Registry:Retention:0:Repositories, :Tags, :KeepNewest, :OlderThan.");
            var summary = await context.Registry.Retention.ApplyAsync(rules, args.GetValue(dryRun), Report, cancellationToken);
            await context.Console.SayAsync(string.Create(
                CultureInfo.InvariantCulture, $"{summary.Deleted} of {summary.Tags} tags of {summary.Repositories} repositories {(args.GetValue(dryRun) ? "would be " : "")}deleted."));
            return ExitCode.Done;

            void Report(RetiredTag tag)
            {
                if (!args.GetValue(quiet)) context.Console.Out.WriteLine($"{tag.Repository}:{tag.Tag}\t{tag.Digest}\t{Listing.Text(tag.PushedAt)}");
            }
        });
    }
}
