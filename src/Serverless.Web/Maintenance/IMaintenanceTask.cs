using Serverless.Registry.Core;

namespace Serverless.Web.Maintenance;

/// <summary>Work that is done from time to time.</summary>
internal interface IMaintenanceTask
{
    /// <summary>The name, by which settings, claims and logs know it.</summary>
    string Name { get; }

    /// <summary>Does what there is to do, as far as the turn's time allows.</summary>
    /// <param name="turn">The time, and where to go on.</param>
    /// <param name="cancellationToken">Ends the turn between two steps, when its time is over at the latest.</param>
    Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken);
}

/// <summary>A task's turn.</summary>
/// <param name="Budget">After this time the task begins with nothing new, so that it comes to an end before it is cut off.</param>
/// <param name="Walk">Where the last turn was cut off, and who is told how far this one has come.</param>
internal sealed record MaintenanceTurn(TimeSpan Budget, WalkCursor Walk);

/// <summary>What a turn has done.</summary>
/// <param name="Log">It, in a line.</param>
/// <param name="IsFinished">Whether it has come to the end; otherwise the next turn is due at once.</param>
internal sealed record MaintenanceReport(string Log, bool IsFinished = true);
