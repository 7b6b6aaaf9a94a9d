using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>What the parts of one move share.</summary>
/// <param name="source">The registry.</param>
/// <param name="target">Where it goes.</param>
/// <param name="options">Choices.</param>
/// <param name="progress">Counts.</param>
/// <param name="report">Told of what does not come along; null: nobody.</param>
internal sealed class MoveRun(RegistryContext source, RegistryContext target, MoveOptions options, MoveProgress progress, Action<MoveFinding>? report)
{
    // Storage's servers may differ by moments, and what writes a row may have been under way.
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(1);

    private readonly Lock _reporting = new();

    public RegistryContext Source => source;

    public RegistryContext Target => target;

    public MoveOptions Options => options;

    public MoveProgress Progress => progress;

    /// <summary>What time it was at the source's storage when the first row was about to be read.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>Whether a row may have come, or changed, after what it names was passed.</summary>
    public bool IsYoung(TableRow row) => row.Timestamp >= Began - s_margin;

    /// <summary>Something does not come along.</summary>
    public void Report(MoveFindingKind kind, string what, string note)
    {
        progress.Add(kind);
        lock (_reporting) report?.Invoke(new MoveFinding(kind, what, note));
    }

    /// <summary>Writes rows of one partition of the target, all or none.</summary>
    public async Task WriteAsync(string table, IReadOnlyList<MovedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        if (!options.DryRun)
        {
            var result = await target.Tables.WriteAsync(table, [.. rows.Select(r => r.Write)], cancellationToken);
            // They make rows, replace them, or touch rows that were read a moment ago.
            if (!result.Done) throw Interfered();
        }

        progress.AddWritten(rows.Count);
    }

    public static RegistryException Refuse(string message) => new(RegistryError.Unsupported, message);

    /// <summary>The target is not left alone.</summary>
    public static RegistryException Interfered() => Refuse("somebody else writes to the target. Find out who, and run it again");
}
