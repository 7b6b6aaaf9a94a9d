using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// Sees to it that of any number of instances one does a timed task, and that a run that is cut off is gone on with where it stopped. Each task has a row,
/// which a run claims and writes by its ETag.
/// <code>
///             claim                   finish
///   no row  ---------->            ------------>  finished
///                        running                      |  due when the interval has passed since
///              .------>  holder    cut off            |
///              |         cursor   ------------>  cut off
///              |           |                          |  due at once with a cursor, after the interval without
///              |           |  time limit has passed   |
///              '-----------'--------------------------'
///                         claim: the ETag that was read; the cursor stays
/// </code>
/// When a row was written is its Timestamp, and what time it is now is told by storage with the page of rows, so it does not matter by how much the instances'
/// clocks differ. A write whose answer was lost is known by the id of the run, which is random, and by the number of the write. Whoever claims a task and does nothing of it
/// gives it back: the row says again what it said, with the end of the last run written out. It knows nothing of the tasks.
/// </summary>
/// <param name="tables">Where the rows are.</param>
/// <param name="timeProvider">Measures how much time has passed since a look and since a claim; never asked what time it is.</param>
public sealed class TaskClaims(ITableStore tables, TimeProvider timeProvider)
{
    /// <summary>Looks at all tasks: one round trip to storage.</summary>
    public async Task<TaskBoard> LookAsync(CancellationToken cancellationToken)
    {
        var looked = timeProvider.GetTimestamp();
        var (rows, time) = await tables.ReadAllAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.TaskPartition, ""), cancellationToken);
        return new TaskBoard(tables, timeProvider, rows.ToDictionary(r => r.Key.Row), time, looked);
    }

    /// <summary>
    /// Looks at one task, and claims it if it is due. Whoever has several looks once with <see cref="LookAsync"/> and claims them from there.
    /// </summary>
    /// <inheritdoc cref="TaskBoard.TryClaimAsync"/>
    public async Task<TaskClaim?> TryClaimAsync(string task, TimeSpan interval, TimeSpan limit, CancellationToken cancellationToken) =>
        await (await LookAsync(cancellationToken)).TryClaimAsync(task, interval, limit, cancellationToken);
}
