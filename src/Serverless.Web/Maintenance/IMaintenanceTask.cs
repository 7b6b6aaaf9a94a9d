namespace Serverless.Web.Maintenance;

/// <summary>Work that is done from time to time.</summary>
internal interface IMaintenanceTask
{
    /// <summary>The name, by which settings, claims and logs know it.</summary>
    string Name { get; }

    /// <summary>Does what there is to do, as far as the turn's time allows.</summary>
    /// <returns>What was done.</returns>
    Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken);
}

/// <summary>A task's turn.</summary>
/// <param name="Budget">After this time it begins with nothing new.</param>
/// <param name="Cursor">Where the last turn was cut off; null: begin at the beginning.</param>
/// <param name="SaveCursorAsync">Notes how far this turn has come, for the next one if this one ends by accident.</param>
internal sealed record MaintenanceTurn(TimeSpan Budget, string? Cursor, Func<string, CancellationToken, Task> SaveCursorAsync);

/// <summary>What a turn has done.</summary>
/// <param name="Log">It, in a line.</param>
/// <param name="Cursor">Where the next turn goes on; null when this one has come to the end.</param>
internal sealed record MaintenanceReport(string Log, string? Cursor = null);
