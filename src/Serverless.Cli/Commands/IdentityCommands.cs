using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary><c>registry identity</c>: whether the tables and the container are those of one registry.</summary>
internal static class IdentityCommands
{
    public static Command Create(CliApp app)
    {
        var claim = new Option<bool>("--claim") { Description = "Makes the container this registry's, whatever its marker says: after its bytes were moved there" };
        var command = new Command("identity", "Tells which registry the tables and the container are of; nothing is written or deleted while they differ") { claim };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var identity = context.Registry.Identity;
            if (args.GetValue(claim)) await identity.ClaimAsync(cancellationToken);
            var report = await identity.ReadAsync(cancellationToken);
            await context.Console.Out.WriteLineAsync($"tables\t{report.Tables ?? "-"}\ncontainer\t{report.Container ?? "-"}");
            if (report.Agrees) return ExitCode.Done;
            await context.Console.SayAsync("They are not of one registry.");
            return ExitCode.Refused;
        });
    }
}
