using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Runs the tasks that are due.</summary>
public sealed class MaintenanceRunner
{
    private readonly IMaintenanceTask[] _tasks;
    private readonly MaintenanceObserver _observer;

    private readonly MaintenanceSettings _settings;

    internal MaintenanceRunner(IEnumerable<IMaintenanceTask> tasks, MaintenanceSettings settings, MaintenanceObserver observer) =>
        (_tasks, _settings, _observer) = ([.. tasks], settings, observer);

    /// <summary>Runs them.</summary>
    public Task<MaintenanceOutcome> RunAsync(CancellationToken cancellationToken) => RunAsync(_tasks.Where(t => _settings.Intervals.ContainsKey(t.Name)), cancellationToken);

    /// <summary>Runs one, whether it is due or not.</summary>
    public Task<MaintenanceOutcome> RunTaskAsync(string name, CancellationToken cancellationToken) => RunAsync(_tasks.Where(t => t.Name == name), cancellationToken);

    private async Task<MaintenanceOutcome> RunAsync(IEnumerable<IMaintenanceTask> tasks, CancellationToken cancellationToken)
    {
        List<Exception> failures = [];
        List<string> lines = [];
        foreach (var task in tasks)
        {
            var turn = new MaintenanceTurn(TimeSpan.MaxValue, null, (_, _) => Task.CompletedTask);
            try
            {
                lines.Add($"{task.Name}: {(await _observer.ObserveAsync(task.Name, () => task.RunAsync(turn, cancellationToken), cancellationToken)).Log}");
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        return new MaintenanceOutcome(failures, lines);
    }
}
