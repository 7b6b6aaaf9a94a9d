using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Core;

namespace Serverless.Cli.Commands;

/// <summary><c>registry quota</c> and <c>registry usage</c>: how much namespaces may hold, and how much they do.</summary>
internal static class QuotaCommands
{
    public static Command Quota(CliApp app) => new("quota", "How much namespaces may hold") { Set(app), Remove(app), List(app) };

    public static Command Usage(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("usage", "Lists what namespaces hold, as the garbage collector has counted it") { json }, async (registry, args, cancellationToken) =>
        {
            var (entries, total) = await registry.Usage.ReadAsync(cancellationToken);
            await Listing.WriteAsync(
                registry.Console,
                args.GetValue(json),
                entries,
                CliJsonContext.Default.ListUsageEntry,
                ("Namespace", e => e.Namespace),
                ("Bytes", e => Number(e.Bytes)),
                ("Blobs", e => Number(e.Blobs)),
                ("Repositories", e => Listing.Text(e.Repositories)),
                ("Warned above", e => Number(e.Soft)),
                ("Refused above", e => Number(e.Hard)));
            if (total is not null) await registry.Console.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{total.Bytes} bytes in {total.Blobs} blobs, each counted once, as verified {Listing.Text(total.CountedAt)}."));
            return ExitCode.Done;
        });
    }

    private static Command Set(CliApp app)
    {
        var (pattern, hard, soft) = (CommandInputs.QuotaPattern(), CommandInputs.Size("--hard", "Above this pushes are refused, such as 10GiB"), CommandInputs.Size("--soft", "Above this pushes are warned, and an event tells of it"));
        return app.BindOperated(new Command("set", "Sets a quota, or replaces it") { pattern, hard, soft }, async (registry, args, cancellationToken) =>
        {
            var quota = new Quota(args.GetValue(pattern)!) { Hard = args.GetValue(hard), Soft = args.GetValue(soft) };
            if (quota.FindProblem() is { } problem) throw new CliException($"It cannot be: {problem}.", ExitCode.Usage);
            await registry.Usage.SetQuotaAsync(quota, cancellationToken);
            await registry.Console.SayAsync($"The quota of {quota.Pattern} holds everywhere within five seconds. The next collection counts what is there already.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliApp app)
    {
        var pattern = CommandInputs.QuotaPattern();
        return app.BindOperated(new Command("remove", "Takes a quota away") { pattern }, async (registry, args, cancellationToken) =>
            await registry.Usage.RemoveQuotaAsync(args.GetValue(pattern)!, cancellationToken) ? ExitCode.Done : throw new CliException($"There is no quota of {args.GetValue(pattern)}."));
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("list", "Lists the quotas") { json }, async (registry, args, cancellationToken) =>
        {
            List<QuotaEntry> entries = [.. await registry.Usage.ListQuotasAsync(cancellationToken)];
            await Listing.WriteAsync(
                registry.Console,
                args.GetValue(json),
                entries,
                CliJsonContext.Default.ListQuotaEntry,
                ("Namespaces", e => e.Pattern),
                ("Warned above", e => Number(e.Soft)),
                ("Refused above", e => Number(e.Hard)));
            return ExitCode.Done;
        });
    }

    private static string Number(long? number) => number is { } n ? n.ToString(CultureInfo.InvariantCulture) : "-";
}
