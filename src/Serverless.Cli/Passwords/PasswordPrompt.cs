using System.Text;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Cli.Passwords;

/// <summary>Reads a password: never from the command line, which other users of the machine can see.</summary>
internal static class PasswordPrompt
{
    /// <summary>Asks twice, without echo, on a terminal; else reads one line of standard input.</summary>
    /// <exception cref="CliException">The password cannot be set, or the two differ.</exception>
    public static async Task<string> ReadAsync(CliConsole console, CancellationToken cancellationToken)
    {
        if (!console.InIsTerminal) return Check(await console.In.ReadLineAsync(cancellationToken) ?? "");
        var password = Check(await AskAsync(console, "Password: "));
        return password == await AskAsync(console, "The same again: ") ? password : throw new CliException("The two passwords differ. Nothing was changed.");
    }

    private static string Check(string password) => PasswordHashes.FindProblem(password) is { } problem ? throw new CliException($"{problem} Nothing was changed.") : password;

    /// <summary>Asks once, without echo, on a terminal.</summary>
    public static async Task<string> AskAsync(CliConsole console, string prompt)
    {
        await console.Error.WriteAsync(prompt);
        var typed = new StringBuilder();
        for (var key = console.ReadKey(); key.Key != ConsoleKey.Enter; key = console.ReadKey())
        {
            if (key.Key == ConsoleKey.Backspace) RemoveLast(typed);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        await console.Error.WriteLineAsync();
        return typed.ToString();
    }

    private static void RemoveLast(StringBuilder typed)
    {
        if (typed.Length == 0) return;
        // A character beyond the first 65536 takes two.
        typed.Length -= typed.Length > 1 && char.IsLowSurrogate(typed[^1]) ? 2 : 1;
    }
}
