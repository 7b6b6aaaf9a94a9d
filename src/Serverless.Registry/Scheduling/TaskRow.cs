using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>What the row of a task holds.</summary>
/// <param name="Holder">Who wrote it: the random id of a run.</param>
/// <param name="Step">Which of that run's writes it is.</param>
/// <param name="State">How the task stands. The end of the last run is the row's Timestamp; it is written out only by a claim that was given back, whose write came later.</param>
internal sealed record TaskRow(string Holder, long Step, TaskState State)
{
    private const string HolderProperty = "holder";
    private const string StepProperty = "step";
    private const string PhaseProperty = "phase";
    private const string BeganProperty = "began";
    private const string UntilProperty = "until";
    private const string EndedProperty = "ended";
    private const string FinishedProperty = "finished";
    private const string CursorProperty = "cursor";

    private static readonly string[] s_known = [HolderProperty, StepProperty, PhaseProperty, BeganProperty, UntilProperty, EndedProperty, FinishedProperty, CursorProperty];

    /// <summary>No properties.</summary>
    public static readonly IReadOnlyDictionary<string, object> None = new Dictionary<string, object>();

    /// <summary>What only a newer release knows of the task.</summary>
    public IReadOnlyDictionary<string, object> Others { get; init; } = None;

    /// <exception cref="InvalidDataException">The row makes no sense.</exception>
    /// <exception cref="FormatException">The row makes no sense.</exception>
    public static TaskRow Read(TableRow row)
    {
        if (!Enum.TryParse<TaskPhase>(row.GetString(PhaseProperty), out var phase)) throw new InvalidDataException($"The row of the task {row.Key.Row} has no phase.");
        DateTimeOffset? ended = phase == TaskPhase.Running ? null : row.FindTime(EndedProperty) ?? row.Timestamp;
        var finished = phase == TaskPhase.Finished ? ended : row.FindTime(FinishedProperty);
        var (began, until) = (RowTime.Parse(row.GetString(BeganProperty)), RowTime.Parse(row.GetString(UntilProperty)));
        var state = new TaskState(phase, began, until, row.FindString(CursorProperty)) { Finished = finished, Ended = ended };
        return new TaskRow(row.GetString(HolderProperty), row.GetInt64(StepProperty), state) { Others = row.Others(s_known.Contains) };
    }

    public Dictionary<string, object> ToProperties()
    {
        var properties = new Dictionary<string, object>(Others)
        {
            [HolderProperty] = Holder,
            [StepProperty] = Step,
            [PhaseProperty] = State.Phase.ToString(),
            [BeganProperty] = RowTime.Format(State.Began),
            [UntilProperty] = RowTime.Format(State.Until),
        };
        if (State.Ended is { } ended) properties[EndedProperty] = RowTime.Format(ended);
        if (State.Finished is { } finished) properties[FinishedProperty] = RowTime.Format(finished);
        if (State.Cursor is { } cursor) properties[CursorProperty] = cursor;
        return properties;
    }
}
