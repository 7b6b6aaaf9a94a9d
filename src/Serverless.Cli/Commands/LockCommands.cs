using System.CommandLine;
using Serverless.Cli.Output;

namespace Serverless.Cli.Commands;

/// <summary><c>registry lock</c>, <c>registry unlock</c> and <c>registry locks</c>.</summary>
internal static class LockCommands
{
    public static Command Lock(CliApp app)
    {
        var what = CommandInputs.TagOrManifest();
        return app.Bind(new Command("lock", "Lets nobody move or delete a tag, or delete a manifest, nor what it leads to") { what }, async (context, args, cancellationToken) =>
        {
            var (name, reference) = args.GetValue(what);
            if (await context.Registry.GetRepository(name).Manifests.FindAsync(reference, cancellationToken) is null) throw new CliException($"{name} has no {reference}.");
            await context.Registry.Locks.LockAsync(name, reference, "lock", cancellationToken);
            await context.Console.SayAsync($"{reference} of {name} is locked, everywhere within five seconds.");
            return ExitCode.Done;
        });
    }

    public static Command Unlock(CliApp app)
    {
        var what = CommandInputs.TagOrManifest();
        return app.Bind(new Command("unlock", "Takes a lock back") { what }, async (context, args, cancellationToken) =>
        {
            var (name, reference) = args.GetValue(what);
            if (!await context.Registry.Locks.UnlockAsync(name, reference, cancellationToken)) throw new CliException($"{reference} of {name} is not locked.");
            return ExitCode.Done;
        });
    }

    public static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.Bind(new Command("locks", "Lists what is locked") { json }, async (context, args, cancellationToken) =>
        {
            List<LockEntry> entries = [.. (await context.Registry.Locks.ListAsync(cancellationToken)).Select(l => new LockEntry(l.Repository.ToString(), l.Reference.ToString(), l.Since))];
            await Listing.WriteAsync(
                context.Console,
                args.GetValue(json),
                entries,
                CliJsonContext.Default.ListLockEntry,
                ("Repository", e => e.Repository),
                ("Locked", e => e.Reference),
                ("Since", e => Listing.Text(e.Since)));
            return ExitCode.Done;
        });
    }
}
