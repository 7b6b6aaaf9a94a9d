using System.ComponentModel;
using Serverless.Registry.Delivery;

namespace Serverless.Web.Endpoints.Api;

/// <summary>Events that were given up.</summary>
internal sealed record EventListDocument
{
    [Description("The endpoints that are told of events, by name.")]
    public required IReadOnlyList<string> Endpoints { get; init; }

    [Description("The events that an endpoint has not taken for as long as it may, by endpoint and then by time. They are kept for 30 days.")]
    public required IReadOnlyList<UndeliveredDocument> Undelivered { get; init; }

    [Description("Begins the next page; not there on the last one.")]
    public string? Cursor { get; init; }
}

/// <summary>An event that was given up, as it is shown.</summary>
internal sealed record UndeliveredDocument
{
    [Description("The endpoint that was to be told.")]
    public required string Endpoint { get; init; }

    [Description("The event, by which it is sent again.")]
    public required string Id { get; init; }

    [Description("What has happened: push, pull, mount, delete or quota; not there where the event cannot be read.")]
    public string? Action { get; init; }

    [Description("Where.")]
    public string? Repository { get; init; }

    [Description("The tags that were pushed or deleted.")]
    public required IReadOnlyList<string> Tags { get; init; }

    [Description("The manifest or blob.")]
    public string? Digest { get; init; }

    [Description("When it has happened.")]
    public DateTimeOffset? At { get; init; }

    [Description("Why it was given up.")]
    public required string Reason { get; init; }

    [Description("When it was given up.")]
    public required DateTimeOffset GivenUpAt { get; init; }

    public static UndeliveredDocument Of(UndeliveredEvent undelivered)
    {
        var first = undelivered.Events is [var one, ..] ? one : null;
        return new UndeliveredDocument
        {
            Endpoint = undelivered.Endpoint,
            Id = undelivered.Id,
            Action = first?.Action.ToString().ToLowerInvariant(),
            Repository = first?.Repository.ToString(),
            Tags = [.. undelivered.Events.Where(e => e.Tag is not null).Select(e => e.Tag.ToString()!)],
            Digest = first?.Digest?.ToString(),
            At = first?.Time,
            Reason = undelivered.Reason,
            GivenUpAt = undelivered.GivenUpAt,
        };
    }
}
