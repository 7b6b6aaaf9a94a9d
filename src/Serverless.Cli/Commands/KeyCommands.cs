using System.CommandLine;
using Serverless.Cli.Output;
using Serverless.Registry.Accounts;

namespace Serverless.Cli.Commands;

/// <summary><c>registry keys</c>: the keys that sign tokens. The keys themselves are never shown.</summary>
internal static class KeyCommands
{
    public static Command Create(CliApp app) => new("keys", "The keys that sign the registry's tokens") { Rotate(app), List(app) };

    private static Command Rotate(CliApp app)
    {
        var command = new Command("rotate", "Makes a new key, which signs after a quarter of an hour");
        return app.Bind(command, async (context, _, cancellationToken) =>
        {
            await WarnOfFileAsync(context);
            var key = await context.SigningKeys.RotateAsync(cancellationToken);
            await context.Console.SayAsync($"The key {key.Id} is published and signs from {key.SignsFrom:u} on. The one before verifies for another day.");
            return ExitCode.Done;
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
            var signer = keys.LastOrDefault(k => k.SignsFrom <= now);
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
