using Serverless.Cli.Events;

namespace Serverless.Cli.Output;

/// <summary>An event for one endpoint.</summary>
/// <param name="State">waits or given up.</param>
/// <param name="Time">When it has happened, UTC.</param>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Id">The id by which it is shown and sent again.</param>
/// <param name="Action">push, pull, mount or delete; null when it cannot be read.</param>
/// <param name="Targets">Repositories, with a tag or digest.</param>
/// <param name="Attempts">Attempts in succession that failed; null when it was given up.</param>
/// <param name="Next">When the next attempt is due, UTC; null: at once, or never.</param>
/// <param name="Problem">What went wrong last, or why it was given up.</param>
internal sealed record EventEntry(
    string State, DateTimeOffset Time, string Endpoint, string Id, string? Action, IReadOnlyList<string> Targets, int? Attempts, DateTimeOffset? Next, string? Problem)
{
    public static EventEntry Of(StoredEvent stored) =>
        new(stored.State, stored.Time, stored.Endpoint, stored.Id, stored.Action, stored.Targets, stored.Attempts, stored.Next, stored.Problem);

    public string ToLine()
    {
        var attempts = Attempts is { } number ? Listing.Text(number) : "-";
        return string.Join('\t', State, Listing.Text(Time), Endpoint, Id, Action ?? "-", Listing.Text(Targets), attempts, Listing.Text(Next), Problem ?? "-");
    }
}
