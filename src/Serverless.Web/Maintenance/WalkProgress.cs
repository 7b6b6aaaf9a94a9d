using Serverless.Registry.Core;
using Serverless.Registry.Scheduling;

namespace Serverless.Web.Maintenance;

/// <summary>How far a claimed task has come. It is told at every place and written at most once a minute: an instance that dies costs its successor a minute's work.</summary>
internal sealed class WalkProgress(TaskClaim claim, TimeProvider time)
{
    private static readonly TimeSpan s_between = TimeSpan.FromMinutes(1);

    private long _saved = time.GetTimestamp();

    /// <summary>The last place that was told; what the claim began with when none was.</summary>
    public string? Place { get; private set; } = claim.Cursor;

    /// <summary>What the task's walk needs.</summary>
    public WalkCursor Walk => new(Place, ReachedAsync);

    private async Task ReachedAsync(string place, CancellationToken cancellationToken)
    {
        Place = place;
        if (time.GetElapsedTime(_saved) < s_between) return;
        await claim.SaveCursorAsync(place, cancellationToken);
        _saved = time.GetTimestamp();
    }
}
