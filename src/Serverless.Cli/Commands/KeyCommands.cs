using System.CommandLine;
using Serverless.Cli.Output;
using Serverless.Registry.Accounts;

namespace Serverless.Cli.Commands;

/// <summary><c>registry keys</c>: the keys that sign tokens. The keys themselves are never shown.</summary>
internal static class KeyCommands
{
    // How long an instance goes without reading keys that can be read.
    private const string Told = "10 minutes";

    public static Command Create(CliApp app) => new("keys", "The keys that sign the registry's tokens") { Rotate(app), List(app), Remove(app) };

    private static Command Rotate(CliApp app)
    {
        var now = new Option<bool>("--now") { Description = "Lets the new key sign at once, as when the one before is not to be trusted any more" };
        var command = new Command("rotate", "Makes a new key, which signs after a quarter of an hour") { now };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            await WarnOfFileAsync(context);
            var atOnce = args.GetValue(now);
            var key = await context.SigningKeys.RotateAsync(atOnce, cancellationToken);
            await context.Console.SayAsync(atOnce
                ? $"The key {key.Id} signs as soon as instances know it, within {Told}. The one before verifies for another day; 'registry keys remove' ends that."
                : $"The key {key.Id} is published and signs from {key.SignsFrom:u} on. The one before verifies for another day.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliApp app)
    {
        var id = new Argument<string>("id") { Description = "The key, by the id that 'registry keys list' shows" };
        var command = new Command("remove", "Takes a key away, with which the tokens that it has signed end") { id };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            await WarnOfFileAsync(context);
            var name = args.GetValue(id)!;
            switch (await context.SigningKeys.RemoveAsync(name, cancellationToken))
            {
                case SigningKeyRemoval.Unknown:
                    throw new CliException($"There is no key '{name}'.");
                case SigningKeyRemoval.Signs:
                    throw new CliException($"The key '{name}' signs now. Make another one first: registry keys rotate --now.");
                default:
                    await context.Console.SayAsync($"The key {name} is gone. Instances hear of it within {Told}, and believe none of its tokens from then on; one that starts anew knows at once.");
                    return ExitCode.Done;
            }
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.Bind(new Command("list", "Lists the keys, oldest first; makes the first one where there is none") { json }, async (context, args, cancellationToken) =>
        {
            await WarnOfFileAsync(context);
            var keys = await context.SigningKeys.ListAsync(cancellationToken);
            // Looked at afterwards: a key that was just made signs already.
            var now = context.Time.GetUtcNow();
            var signer = SigningKeySchedule.Signer(keys, now);
            var entries = keys.Select(k => new KeyEntry(k.Id, State(k, signer, now), k.SignsFrom)).ToList();
            await Listing.WriteAsync(
                context.Console, args.GetValue(json), entries, CliJsonContext.Default.ListKeyEntry,
                ("id", k => k.Id), ("state", k => k.State), ("signs from", k => Listing.Text(k.SignsFrom)));
            return ExitCode.Done;
        });
    }

    private static string State(SigningKey key, SigningKey? signer, DateTimeOffset now) => key == signer ? "signs" : key.SignsFrom > now ? "published" : "verifies";

    private static async Task WarnOfFileAsync(CliContext context)
    {
        if (context.Settings.Auth.Token.SigningKey is null) return;
        await context.Console.WarnAsync("Registry:Auth:Token:SigningKey names a file, so the registry signs with that and not with the keys in storage.");
    }
}
