using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary><c>registry tokens</c>: refresh tokens, which stand for a password that was right once.</summary>
internal static class TokenCommands
{
    public static Command Create(CliApp app) => new("tokens", "Refresh tokens that were given out") { Revoke(app) };

    private static Command Revoke(CliApp app)
    {
        // Not an account's name: subjects of federated issuers have names of their own.
        var subject = new Option<string>("--subject") { Description = "Whose: a user, a robot or a federated subject", HelpName = "NAME", Required = true };
        return app.Bind(new Command("revoke", "Takes back all refresh tokens of a subject") { subject }, async (context, args, cancellationToken) =>
        {
            var name = args.GetRequiredValue(subject);
            var count = await context.RefreshTokens.PurgeAsync(name, cancellationToken);
            if (count == 0) throw new CliException($"There are no refresh tokens of '{name}'.");
            var lifetime = context.Settings.Auth.Token.Lifetime;
            await context.Console.SayAsync($"Revoked {count} refresh tokens of {name}. Access tokens end by themselves, at most {lifetime} after they were given out.");
            return ExitCode.Done;
        });
    }
}
