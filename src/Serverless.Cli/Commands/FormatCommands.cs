using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Core;
using Serverless.Registry.Scheduling;
using Serverless.Web.Settings;

namespace Serverless.Cli.Commands;

/// <summary><c>registry format</c>: which releases may work on what is stored.</summary>
internal static class FormatCommands
{
    // As long as anybody will sit by; claims last as long as the wait and a little more.
    private const int MostMinutes = 24 * 60;

    public static Command Create(CliApp app)
    {
        var command = new Command("format", "Tells the oldest releases that may write and collect, as stored, and the number of this release") { Raise(app) };
        return app.Bind(command, async (context, _, cancellationToken) =>
        {
            var (report, own) = (await context.Registry.Format.ReadAsync(cancellationToken), RegistryFormat.Current);
            await context.Console.Out.WriteLineAsync($"stored\t{Columns(report.Stored)}\nrelease\t{Columns(own)}");
            if (report.Problem is { } problem) throw new CliException(problem + ". Nobody writes or collects until it is written anew: registry format raise --force.");
            if (report.Stored is not { } stored || own.IsAsHighAs(stored)) return ExitCode.Done;
            throw new CliException("What is stored is for newer releases than this one.");
        });
    }

    private static Command Raise(CliApp app)
    {
        var reader = new Option<int?>("--reader") { Description = "The oldest release that may write from now on; without it, this one, or as before where --collector is given", HelpName = "NUMBER" };
        var collector = new Option<int?>("--collector") { Description = "The oldest release that may collect from now on; without it, this one, or as before where --reader is given", HelpName = "NUMBER" };
        var wait = new Option<int>("--wait") { Description = "How many minutes to wait for timed tasks that run", HelpName = "MINUTES", DefaultValueFactory = _ => 30 };
        var force = new Option<bool>("--force") { Description = "Writes the row anew where it is missing or cannot be read: only if no newer release has ever worked on this registry" };
        var command = new Command("raise", "Shuts out older releases, once no timed task runs; what was begun by hand (gc, retention, verify) is to be stopped before") { reader, collector, wait, force };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var (own, isForced) = (RegistryFormat.Current, args.GetValue(force));
            var (first, second) = (Number(reader, args, own.Reader), Number(collector, args, own.Collector));
            // What is raised too far cannot be lowered: beside one number that is given the other stays, unless nobody can tell what it is.
            var rest = isForced || (first ?? second) is null ? own : new RegistryFormat(1, 1);
            var wanted = new RegistryFormat(first ?? rest.Reader, second ?? rest.Collector);
            var options = new FormatRaiseOptions(MaintenanceSettings.TaskNames)
            {
                Wait = args.GetValue(wait) is >= 0 and <= MostMinutes and var minutes ? TimeSpan.FromMinutes(minutes) : throw Usage($"--wait is 0 to {MostMinutes} minutes."),
                Force = isForced,
            };
            await context.Console.SayAsync(await context.Registry.Format.RaiseAsync(wanted, options, note => context.Console.Error.WriteLine(ClaimLine.Of(note)), cancellationToken) switch
            {
                FormatRaised.Raised raised => $"It is raised: {Text(raised.Now)}.",
                FormatRaised.Already already => $"It is as high already: {Text(already.Now)}.",
                FormatRaised.Busy busy => throw new CliException($"Nothing is changed: {busy.Task} runs, until {Listing.Text(busy.Until)} at the latest. Wait for it with --wait, or stop who runs it."),
                _ => throw new InvalidOperationException(),
            });
            return ExitCode.Done;
        });
    }

    private static int? Number(Option<int?> option, ParseResult args, int own) => args.GetValue(option) switch
    {
        < 1 => throw Usage($"{option.Name} is a number of a release, from 1 on."),
        { } wanted when wanted > own => throw Usage($"{option.Name} {wanted} would shut out this release, which is of {own}. Raise it with a release that is of {wanted} or later."),
        var wanted => wanted,
    };

    private static CliException Usage(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture), ExitCode.Usage);

    private static string Columns(RegistryFormat? format) => format is null ? "-\t-" : string.Create(CultureInfo.InvariantCulture, $"{format.Reader}\t{format.Collector}");

    private static string Text(RegistryFormat format) => string.Create(CultureInfo.InvariantCulture, $"releases of format {format.Reader} and later write, those of {format.Collector} and later collect");
}
