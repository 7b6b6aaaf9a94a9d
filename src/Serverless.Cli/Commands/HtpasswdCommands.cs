using System.CommandLine;
using Serverless.Cli.Accounts;
using Serverless.Registry.Accounts;

namespace Serverless.Cli.Commands;

/// <summary><c>registry htpasswd</c>: from an htpasswd file to accounts.</summary>
internal static class HtpasswdCommands
{
    public static Command Create(CliApp app) => new("htpasswd", "Moves from an htpasswd file to accounts") { Import(app) };

    private static Command Import(CliApp app)
    {
        var file = new Argument<string>("FILE") { Description = "The htpasswd file; only bcrypt hashes can be taken over" };
        var scopes = CommandInputs.Scopes("A scope map that every user gets; may be repeated");
        return app.Bind(new Command("import", "Makes a user of each line; each keeps the password") { file, scopes }, async (context, args, cancellationToken) =>
        {
            var maps = args.GetValue(scopes) ?? [];
            var lines = HtpasswdLine.Parse(await ReadAsync(args.GetRequiredValue(file), cancellationToken));
            await context.Operated.WarnOfMissingScopesAsync(maps, cancellationToken);
            var added = 0;
            foreach (var line in lines)
            {
                var problem = await FindProblemAsync(context, line, maps, cancellationToken);
                if (problem is null) added++;
                else await context.Console.SayAsync($"Line {line.Number} is skipped: {problem}.");
            }

            await context.Console.SayAsync($"Added {added} users, with {AccountCommands.Describe(maps)}; skipped {lines.Count - added} lines.");
            return added == lines.Count ? ExitCode.Done : ExitCode.Refused;
        });
    }

    // Null when the line has become a user.
    private static async Task<string?> FindProblemAsync(CliContext context, HtpasswdLine line, IReadOnlyList<string> maps, CancellationToken cancellationToken)
    {
        if (line.Hash is null) return line.Problem;
        // Looked up first: an account with this very hash may be of an earlier import, and not what a lost answer of ours has made.
        var isNew = await context.Accounts.FindAsync(line.Name, cancellationToken) is null
            && await context.Accounts.TryAddAsync(new Account { Name = line.Name, PasswordHashes = [line.Hash, null], Scopes = maps }, cancellationToken);
        return isNew ? null : $"there is an account '{line.Name}' already";
    }

    private static async Task<string[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllLinesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"There is no file {file}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException($"The file {file} cannot be read: {e.Message}");
        }
    }
}
