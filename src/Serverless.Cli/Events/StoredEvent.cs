using Serverless.Registry.Delivery;
using Serverless.Registry.Events;

namespace Serverless.Cli.Events;

/// <summary>An event for one endpoint that is stored: it waits, or it was given up.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Id">The id by which it is stored: that of its first event.</param>
/// <param name="Events">What it tells: one event for each tag; empty when it cannot be read.</param>
/// <param name="Since">When it was written, or given up, UTC.</param>
internal sealed record StoredEvent(string Endpoint, string Id, IReadOnlyList<RegistryEvent> Events, DateTimeOffset Since)
{
    /// <summary>Whether nobody delivers it any more.</summary>
    public bool IsGivenUp { get; init; }

    /// <summary>Attempts in succession that failed; null when it was given up: nobody has counted them to the end.</summary>
    public int? Attempts { get; init; }

    /// <summary>When the next attempt is due, UTC; null: at once, or never.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>What went wrong last, or why it was given up; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>Its state in a word or two.</summary>
    public string State => IsGivenUp ? "given up" : "waits";

    /// <summary>When it has happened, UTC, as far as that can be read.</summary>
    public DateTimeOffset Time => Events is [var first, ..] ? first.Time : Since;

    /// <summary>What has happened; null when it cannot be read.</summary>
    public string? Action => Events is [var first, ..] ? first.Action.ToString().ToLowerInvariant() : null;

    /// <summary>To what, as clients write it.</summary>
    public IReadOnlyList<string> Targets => [.. Events.Select(Target)];

    public static StoredEvent Of(PendingEvent pending) =>
        new(pending.Endpoint, pending.Id, pending.Events, pending.WrittenAt) { Attempts = pending.Attempts, Next = pending.Next, Problem = pending.Problem };

    public static StoredEvent Of(UndeliveredEvent undelivered) =>
        new(undelivered.Endpoint, undelivered.Id, undelivered.Events, undelivered.GivenUpAt) { IsGivenUp = true, Problem = undelivered.Reason };

    /// <summary>What an event is about: a tag, else a manifest or blob, else a repository.</summary>
    public static string Target(RegistryEvent one) =>
        one.Tag is { } tag ? $"{one.Repository}:{tag}" : one.Digest is { } digest ? $"{one.Repository}@{digest}" : one.Repository.ToString();

    /// <summary>Whether somebody means it by an id: each tag has one of its own, which logs and endpoints know it by.</summary>
    public bool Has(string id) => Id == id || Events.Any(e => e.Id == id);
}
