using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Backup;

namespace Serverless.Cli.Commands;

/// <summary><c>registry backup</c>, <c>registry backups</c> and <c>registry restore</c>.</summary>
internal static class BackupCommands
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(10);

    public static Command Backup(CliApp app)
    {
        var archive = CommandInputs.Archive("Where to: a folder, or the URL of a container in another storage account");
        var anew = new Option<bool>("--new") { Description = "Begins a new backup, also where the last one is not complete" };
        var keep = new Option<int?>("--keep") { Description = "Deletes all but so many of the newest backups when this one is complete", HelpName = "COUNT" };
        keep.Validators.Add(result =>
        {
            if (result.GetValue(keep) is < 1) result.AddError("--keep takes a number from 1 on.");
        });
        var quiet = CommandInputs.Quiet();
        var command = new Command("backup", "Copies what is stored to an archive, while people push; one that was cut off goes on") { archive, anew, keep, quiet };
        return Bind(app, command, archive, quiet, async (context, backups, watch, args, cancellationToken) =>
        {
            var backup = await backups.RunAsync(args.GetValue(anew), watch.Progress, watch.Report, cancellationToken);
            await watch.EndAsync($"The backup {backup.Name}", "copied");
            if (backup.Ended is null)
            {
                await context.Console.WarnAsync("The backup is not complete. Another run goes on with it.");
                return ExitCode.Refused;
            }

            if (args.GetValue(keep) is { } count)
            {
                var (gone, blobs) = await backups.PruneAsync(count, cancellationToken);
                await context.Console.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{gone.Count} old backups and {blobs} blobs deleted."));
            }

            return watch.Progress.Findings == 0 ? ExitCode.Done : ExitCode.Refused;
        });
    }

    public static Command List(CliApp app)
    {
        var archive = CommandInputs.Archive("The archive: a folder, or the URL of a container");
        var json = CommandInputs.Json();
        return Bind(app, new Command("backups", "Lists the backups of an archive") { archive, json }, archive, quiet: null, async (context, backups, _, args, cancellationToken) =>
        {
            List<BackupEntry> entries = [.. (await backups.ListAsync(cancellationToken)).Select(b => new BackupEntry(b.Name, b.Ended, b.Repositories, b.Registry))];
            await Listing.WriteAsync(
                context.Console,
                args.GetValue(json),
                entries,
                CliJsonContext.Default.ListBackupEntry,
                ("Backup", e => e.Backup),
                ("Complete", e => Listing.Text(e.Complete)),
                ("Repositories", e => e.Repositories.ToString(CultureInfo.InvariantCulture)),
                ("Registry", e => e.Registry ?? "-"));
            return ExitCode.Done;
        });
    }

    public static Command Restore(CliApp app)
    {
        var archive = CommandInputs.Archive("The archive: a folder, or the URL of a container");
        var name = new Option<string?>("--backup") { Description = "Which backup, as 'backups' lists them; without it the newest that is complete", HelpName = "TIME" };
        var repository = CommandInputs.Repository("Restores this repository only");
        var accounts = new Option<bool>("--accounts") { Description = "Restores accounts and scope maps too, also those that were deleted since" };
        var quiet = CommandInputs.Quiet();
        var command = new Command("restore", "Puts back what a backup holds and the registry lacks, while people push; no tag that exists is moved") { archive, name, repository, accounts, quiet };
        return Bind(app, command, archive, quiet, async (_, backups, watch, args, cancellationToken) =>
        {
            var options = new RestoreOptions(args.GetValue(name), args.GetValue(repository), args.GetValue(accounts));
            var backup = await backups.RestoreAsync(options, watch.Progress, watch.Report, cancellationToken)
                ?? throw new CliException(options.Backup is { } wanted ? $"The archive holds no backup {wanted}." : "The archive holds no backup that is complete.");
            await watch.EndAsync($"The backup {backup.Name} is restored", "sent");
            return watch.Progress.Findings + watch.Progress.Failed == 0 ? ExitCode.Done : ExitCode.Refused;
        });
    }

    private static Command Bind(
        CliApp app,
        Command command,
        Argument<ArchivePlace> archive,
        Option<bool>? quiet,
        Func<CliContext, RegistryBackup, BackupWatch, ParseResult, CancellationToken, Task<int>> run) => app.Bind(command, async (context, args, cancellationToken) =>
    {
        var place = args.GetValue(archive)!;
        await using var watch = new BackupWatch(context, quiet is null || args.GetValue(quiet), s_betweenLines);
        try
        {
            return await run(context, context.Registry.Backups(place.Open(context.Time)), watch, args, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CliException(e.Message);
        }
    });
}
