using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Events;
using Serverless.Cli.Output;

namespace Serverless.Cli.Commands;

/// <summary><c>registry events resend</c> and <c>registry events test</c>.</summary>
internal static class EventDeliveryCommands
{
    public static Command Resend(CliApp app)
    {
        var id = EventCommands.Id();
        id.Arity = ArgumentArity.ZeroOrOne;
        var endpoint = CommandInputs.Endpoint("Only to this endpoint");
        var all = new Option<bool>("--all") { Description = "All that were given up for the endpoint" };
        var command = new Command("resend", "Has events delivered that were given up, under their own ids") { id, endpoint, all };
        command.Validators.Add(result =>
        {
            var named = result.GetResult(id) is { Tokens.Count: > 0 };
            if (named == result.GetValue(all)) result.AddError("Which events? Either the ID of one, or --endpoint NAME --all.");
            else if (!named && result.GetResult(endpoint) is null) result.AddError("--all is of one endpoint: --endpoint NAME.");
        });
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var outbox = new EventOutbox(context);
            var (name, one) = (args.GetValue(endpoint), args.GetValue(id));
            var found = one is null ? await outbox.ListAsync(name, cancellationToken) : await outbox.FindAsync(one, name, cancellationToken);
            var returned = await ResendAsync(context, outbox, found.Where(e => e.IsGivenUp), tell: one is not null, cancellationToken);
            var waiting = found.Where(e => !e.IsGivenUp).ToList();
            if (one is null) await context.Console.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{returned} events that were given up for {name} wait again; {waiting.Count} waited already."));
            else foreach (var stored in waiting) await context.Console.SayAsync($"{Name(stored)} waits for {stored.Endpoint} already, {Due(stored)}: nothing to do.");
            if (returned > 0) await context.Console.SayAsync("The registry delivers what waits again, and not this tool: when its task DeliverEvents has its next turn.");
            return ExitCode.Done;
        });
    }

    /// <summary>Tries an endpoint out, with what the registry itself would send with.</summary>
    public static Command Test(CliApp app)
    {
        var endpoint = new Argument<string>("NAME") { Description = "The endpoint, as the settings name it", CustomParser = CommandInputs.ParseLower };
        return app.Bind(new Command("test", "Sends an endpoint an event that has not happened, and tells how it answers") { endpoint }, async (context, args, cancellationToken) =>
        {
            var outbox = new EventOutbox(context);
            var settings = outbox.Endpoint(args.GetValue(endpoint)!);
            var sent = TestEvent.New(settings.Options, context.Time.GetUtcNow());
            var outcome = await outbox.TestAsync(settings, sent, cancellationToken);
            // Of the URL no more than this: the rest may be a secret.
            var what = $"the event {sent.Id} (push {StoredEvent.Target(sent)}), sent to {settings.Url.GetLeftPart(UriPartial.Authority)}";
            var again = outcome.RetryAfter is { } pause ? $" It wants to be left in peace for {pause:c}." : "";
            if (!outcome.IsDelivered) throw new CliException($"{settings} did not take {what}. {outcome.Problem}{again}");
            await context.Console.SayAsync($"{settings} took {what}: it answered with success.");
            return ExitCode.Done;
        });
    }

    private static async Task<int> ResendAsync(CliContext context, EventOutbox outbox, IEnumerable<StoredEvent> givenUp, bool tell, CancellationToken cancellationToken)
    {
        var (count, endpoints) = (0, new HashSet<string>());
        foreach (var stored in givenUp)
        {
            // Otherwise somebody else has just done it.
            if (!await outbox.ResendAsync(stored, cancellationToken)) continue;
            count++;
            endpoints.Add(stored.Endpoint);
            if (tell) await context.Console.SayAsync($"{Name(stored)} waits for {stored.Endpoint} again.");
        }

        foreach (var name in endpoints.Where(e => !outbox.IsNamed(e)))
        {
            await context.Console.WarnAsync($"The settings name no endpoint '{name}': unless those of the registry do, its events are given up again after 7 days.");
        }

        return count;
    }

    private static string Name(StoredEvent stored) => $"{stored.Id} ({stored.Action ?? "unreadable"} {Listing.Text(stored.Targets)})";

    private static string Due(StoredEvent stored) => stored.Next is null ? "and is due" : $"and is tried again from {Listing.Text(stored.Next)} on";
}
