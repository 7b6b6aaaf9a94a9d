using Serverless.Registry.Oci;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>
/// Runs the tasks that are due, for any host and any number of instances: rows in storage tell when a task last ran and who runs it now.
/// <code>
/// look (one call) -> collect: half of the time, all of it if nothing else is due -> the others share what is left
///                      \-> each: claim, walk on from the cursor, release
/// </code>
/// </summary>
public sealed class MaintenanceRunner
{
    // What a task that is cut off may still take to say so.
    private static readonly TimeSpan s_release = TimeSpan.FromSeconds(10);

    private readonly IMaintenanceTask[] _tasks;
    private readonly TaskClaims _claims;
    private readonly MaintenanceSettings _settings;
    private readonly MaintenanceObserver _observer;
    private readonly TimeProvider _time;

    internal MaintenanceRunner(IEnumerable<IMaintenanceTask> tasks, TaskClaims claims, MaintenanceSettings settings, MaintenanceObserver observer, TimeProvider time) =>
        (_tasks, _claims, _settings, _observer, _time) = ([.. tasks], claims, settings, observer, time);

    /// <summary>The names of the tasks.</summary>
    public IEnumerable<string> Names => _tasks.Select(t => t.Name);

    /// <summary>Looks which tasks are due and runs them, one after the other. Where none is, it costs one call to storage.</summary>
    /// <param name="cancellationToken">Ends the run between two steps; what is not done comes with the next one.</param>
    /// <exception cref="StorageUnavailableException">Storage cannot be asked what is due.</exception>
    public async Task<MaintenanceOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var (started, board) = (_time.GetTimestamp(), await _claims.LookAsync(cancellationToken));
        // Collection comes first, by the order in which the tasks are added.
        var due = _tasks.Where(t => _settings.Intervals.TryGetValue(t.Name, out var interval) && board.IsDue(t.Name, Before(interval))).ToList();
        List<Exception> failures = [];
        List<string> lines = [];
        for (var i = 0; i < due.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var left = _settings.TimeLimit - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) break;
            // Half for the first, which is collection where it is due; the others share evenly.
            var limit = i == 0 && due.Count > 1 && due[0].Name == MaintenanceSettings.CollectGarbage ? left / 2 : left / (due.Count - i);
            using var claim = await board.TryClaimAsync(due[i].Name, Before(_settings.Intervals[due[i].Name]), limit, cancellationToken);
            if (claim is not null) await TakeTurnAsync(due[i], claim, limit, failures, lines, cancellationToken);
        }

        return new MaintenanceOutcome(failures, lines);
    }

    /// <summary>Runs one task now, whether it is due or not, turn after turn until it has come to its end. Where another instance runs it, nothing is done.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="cancellationToken">Ends the run between two steps.</param>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public async Task<MaintenanceOutcome> RunTaskAsync(string name, CancellationToken cancellationToken)
    {
        var task = Array.Find(_tasks, t => t.Name == name) ?? throw new ArgumentException($"There is no task {name}; there are {string.Join(", ", Names)}.", nameof(name));
        List<Exception> failures = [];
        List<string> lines = [];
        var isFinished = false;
        while (!isFinished && failures.Count == 0)
        {
            using var claim = await _claims.TryClaimAsync(name, TimeSpan.Zero, _settings.TimeLimit, cancellationToken);
            if (claim is null)
            {
                lines.Add($"{name}: another instance runs it");
                break;
            }

            isFinished = await TakeTurnAsync(task, claim, _settings.TimeLimit, failures, lines, cancellationToken);
        }

        return new MaintenanceOutcome(failures, lines);
    }

    /// <returns>Whether the task has come to its end.</returns>
    private async Task<bool> TakeTurnAsync(IMaintenanceTask task, TaskClaim claim, TimeSpan limit, List<Exception> failures, List<string> lines, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(claim.Token, cancellationToken);
        var progress = new WalkProgress(claim, _time);
        try
        {
            var report = await _observer.ObserveAsync(task.Name, () => task.RunAsync(new MaintenanceTurn(limit * 0.8, progress.Walk), end.Token), end.Token);
            lines.Add($"{task.Name}: {report.Log}");
            await (report.IsFinished ? claim.FinishAsync(cancellationToken) : claim.CutOffAsync(progress.Place ?? "", cancellationToken));
            return report.IsFinished;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            lines.Add($"{task.Name}: cut off");
            await ReleaseAsync(claim, progress.Place ?? "");
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
        catch (RegistryException e) when (e.Error == RegistryError.Unsupported)
        {
            lines.Add($"{task.Name}: {e.Message}");
            await ReleaseAsync(claim, progress.Place ?? "");
            // Nothing would be gained by another turn now.
            return true;
        }
        catch (ClaimLostException e)
        {
            failures.Add(e);
            return true;
        }
        catch (Exception e)
        {
            failures.Add(e);
            // When storage does not answer the place is a good one; what fails for another reason might fail there for ever.
            await ReleaseAsync(claim, e is StorageUnavailableException ? progress.Place : null);
            return false;
        }
    }

    // A claim that cannot be given back ends with its time.
    private async Task ReleaseAsync(TaskClaim claim, string? cursor)
    {
        using var end = new CancellationTokenSource(s_release, _time);
        try
        {
            await claim.CutOffAsync(cursor, end.Token);
        }
        catch (Exception e) when (e is StorageUnavailableException or ClaimLostException or OperationCanceledException)
        {
            _observer.NotReleased(claim.Task, e);
        }
    }

    // A schedule comes a moment earlier or later from day to day; what runs daily must not wait for the next look because of it.
    private static TimeSpan Before(TimeSpan interval) => interval - TimeSpan.FromTicks(Math.Min(interval.Ticks / 10, TimeSpan.TicksPerMinute * 10));
}
