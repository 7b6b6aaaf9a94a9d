using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>How the delivery of one place's events to one endpoint stands. It is a row beside that of the outbox; events themselves are never changed.</summary>
internal sealed record DeliveryState
{
    /// <summary>The property that holds <see cref="Since"/>.</summary>
    public const string SinceProperty = "since";

    /// <summary>The property that says that somebody comes back: of others who come none needs to.</summary>
    public const string MarkProperty = "came";

    private const string HolderProperty = "holder";
    private const string UntilProperty = "until";
    private const string AttemptsProperty = "attempts";
    private const string NextProperty = "next";
    private const string AfterProperty = "after";
    private const string PassableProperty = "passable";
    private const string ProblemProperty = "problem";

    /// <summary>Who delivers now; null when nobody does.</summary>
    public string? Holder { get; init; }

    /// <summary>Until when that is so at most, by the clock of storage.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Attempts in succession that did not deliver everything.</summary>
    public int Attempts { get; init; }

    /// <summary>Whether events that come before <see cref="Next"/> may be tried: the endpoint has refused some, and takes others.</summary>
    public bool IsPassable { get; init; }

    /// <summary>Before this nobody tries; null when nothing is left to deliver, as far as anybody knows.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>The row after which the next attempt begins, so that events which always fail do not stand before the others for ever; null: at the first.</summary>
    public string? After { get; init; }

    /// <summary>How old the oldest event is that was not delivered; null when none is left.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What went wrong last; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether somebody delivers now.</summary>
    public bool IsHeld(DateTimeOffset now) => Holder is not null && Until > now;

    public Dictionary<string, object> ToProperties()
    {
        var properties = new Dictionary<string, object> { [HolderProperty] = Holder ?? "", [UntilProperty] = RowTime.Format(Until), [AttemptsProperty] = Attempts };
        if (Next is { } next) properties[NextProperty] = RowTime.Format(next);
        if (IsPassable) properties[PassableProperty] = true;
        if (After is not null) properties[AfterProperty] = After;
        if (Since is { } since) properties[SinceProperty] = RowTime.Format(since);
        if (Problem is not null) properties[ProblemProperty] = Problem;
        return properties;
    }

    /// <summary>What a row says; of one that makes no sense nothing is known, and whoever comes next writes it anew.</summary>
    public static DeliveryState Read(TableRow row)
    {
        try
        {
            return new DeliveryState
            {
                Holder = row.FindString(HolderProperty) is { Length: > 0 } holder ? holder : null,
                Until = row.FindTime(UntilProperty) ?? default,
                Attempts = row.Properties.GetValueOrDefault(AttemptsProperty) is int attempts ? attempts : 0,
                Next = row.FindTime(NextProperty),
                After = row.FindString(AfterProperty),
                IsPassable = row.Properties.GetValueOrDefault(PassableProperty) is true,
                Since = row.FindTime(SinceProperty),
                Problem = row.FindString(ProblemProperty),
            };
        }
        catch (FormatException)
        {
            return new DeliveryState();
        }
    }
}

/// <summary>What has come of a turn of delivering a place's events to an endpoint.</summary>
/// <param name="Next">When it is worth while to come again, UTC, by the clock of storage; null when nothing is left, or somebody else comes back.</param>
/// <param name="IsHeld">Whether somebody else delivers now.</param>
/// <param name="Since">How long the oldest event has waited that could not be delivered; null when none is left, as far as is known.</param>
public readonly record struct DeliveryTurn(DateTimeOffset? Next, bool IsHeld = false, DateTimeOffset? Since = null);
