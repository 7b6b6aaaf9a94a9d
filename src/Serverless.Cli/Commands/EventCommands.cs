using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Events;
using Serverless.Cli.Output;
using Serverless.Registry.Events;

namespace Serverless.Cli.Commands;

/// <summary><c>registry events</c>: what endpoints are still to be told of.</summary>
internal static class EventCommands
{
    public static Command Create(CliApp app) =>
        new("events", "Events that endpoints are to be told of") { List(app), Show(app), EventDeliveryCommands.Resend(app), EventDeliveryCommands.Test(app) };

    public static Argument<string> Id() => new("ID") { Description = "The event, by an id that 'registry events list', a log or an endpoint shows", CustomParser = CommandInputs.ParseLower };

    private static Command List(CliApp app)
    {
        var endpoint = CommandInputs.Endpoint("Lists those for this endpoint only");
        var undelivered = new Option<bool>("--undelivered") { Description = "Lists only those that were given up" };
        var json = CommandInputs.Json();
        return app.Bind(new Command("list", "Lists the events that wait, and those that were given up") { endpoint, undelivered, json }, async (context, args, cancellationToken) =>
        {
            var stored = await new EventOutbox(context).ListAsync(args.GetValue(endpoint), cancellationToken);
            List<EventEntry> entries = [.. stored.Where(e => e.IsGivenUp || !args.GetValue(undelivered)).Select(EventEntry.Of)];
            if (args.GetValue(json)) await Listing.WriteAsync(context.Console, true, entries, CliJsonContext.Default.ListEventEntry);
            // No table on a terminal either: it would break ids, which are there to be copied, into several lines.
            else foreach (var entry in entries) await context.Console.Out.WriteLineAsync(entry.ToLine());
            var givenUp = stored.Count(e => e.IsGivenUp);
            var hint = givenUp == 0 ? "" : "; 'registry events resend' has them delivered after all";
            await context.Console.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{stored.Count - givenUp} events wait, {givenUp} were given up{hint}."));
            return ExitCode.Done;
        });
    }

    private static Command Show(CliApp app)
    {
        var id = Id();
        return app.Bind(new Command("show", "Shows one event, and how it stands for each endpoint") { id }, async (context, args, cancellationToken) =>
        {
            var (name, output) = (args.GetValue(id)!, context.Console.Out);
            var found = await new EventOutbox(context).FindAsync(name, endpoint: null, cancellationToken);
            // Each endpoint has a copy of the same event.
            var events = found[0].Events;
            var shown = events.FirstOrDefault(e => e.Id == name);
            await output.WriteLineAsync($"id\t{name}");
            foreach (var (title, text) in shown is null ? [] : Fields(shown)) await output.WriteLineAsync($"{title}\t{(string.IsNullOrEmpty(text) ? "-" : text)}");
            // A push by several tags is stored, tried and sent again as one.
            foreach (var other in events.Where(e => e != shown)) await output.WriteLineAsync($"with\t{other.Id}\t{StoredEvent.Target(other)}");
            foreach (var one in found)
            {
                var attempts = one.Attempts is { } number ? Listing.Text(number) : "-";
                await output.WriteLineAsync($"endpoint\t{one.Endpoint}\t{one.State}\t{Listing.Text(one.Since)}\t{attempts}\t{Listing.Text(one.Next)}\t{one.Problem ?? "-"}");
            }

            // Nobody notes what was delivered.
            var rest = context.Settings.Events.Subscriptions.Select(s => s.Name).Except(found.Select(e => e.Endpoint));
            foreach (var endpoint in rest) await output.WriteLineAsync($"endpoint\t{endpoint}\tnot stored\t-\t-\t-\t-");
            return ExitCode.Done;
        });
    }

    private static IEnumerable<(string Title, string? Text)> Fields(RegistryEvent one) =>
    [
        ("time", Listing.Text(one.Time)),
        ("action", one.Action.ToString().ToLowerInvariant()),
        ("kind", one.IsBlob ? "blob" : one.Tag is not null ? "tag" : one.Digest is not null ? "manifest" : "repository"),
        ("repository", one.Repository.ToString()),
        ("from", one.FromRepository?.ToString()),
        ("tag", one.Tag?.ToString()),
        ("digest", one.Digest?.ToString()),
        ("media type", one.MediaType),
        ("size", one.Size?.ToString(CultureInfo.InvariantCulture)),
        ("artifact type", one.ArtifactType),
        ("actor", one.Origin.Actor),
        ("request", one.Origin.RequestId),
        ("address", one.Origin.Address),
        ("host", one.Origin.Host),
        ("method", one.Origin.Method),
        ("user agent", one.Origin.UserAgent),
    ];
}
