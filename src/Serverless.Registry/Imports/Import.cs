namespace Serverless.Registry.Imports;

/// <summary>An import as it stood when it was read. All times are UTC and storage's.</summary>
public sealed record Import
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Who asked for it; null: nobody in particular.</summary>
    public string? Owner { get; init; }

    /// <summary>What was asked for.</summary>
    public required ImportRequest Request { get; init; }

    /// <summary>How it stands.</summary>
    public required ImportState State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it ended; null until then.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Why it failed, or why it waits; null when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it has failed since it last got any further.</summary>
    public int Failures { get; init; }

    /// <summary>When it is tried again; null: at once.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>What has been done, by all runs together.</summary>
    public ImportProgress Progress { get; init; } = ImportProgress.None;

    /// <summary>What could not be copied, each in a line; of many the first.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Whether it has come to an end, good or bad.</summary>
    public bool HasEnded => State is not (ImportState.Waiting or ImportState.Running);
}

/// <summary>How an import stands.</summary>
public enum ImportState
{
    /// <summary>Nobody is at it; somebody will be.</summary>
    Waiting,

    /// <summary>An instance is at it.</summary>
    Running,

    /// <summary>It is done.</summary>
    Succeeded,

    /// <summary>It was given up.</summary>
    Failed,

    /// <summary>Somebody has ended it.</summary>
    Cancelled,
}

/// <summary>What has been done of an import.</summary>
/// <param name="Manifests">Manifests that were written.</param>
/// <param name="Tags">Tags that were set.</param>
/// <param name="Blobs">Blobs that came from the source.</param>
/// <param name="Present">Manifests and blobs that were there already, in the last run.</param>
/// <param name="Bytes">Bytes of blobs that came from the source.</param>
public sealed record ImportProgress(long Manifests, long Tags, long Blobs, long Present, long Bytes)
{
    /// <summary>Nothing.</summary>
    public static ImportProgress None { get; } = new(0, 0, 0, 0, 0);
}
