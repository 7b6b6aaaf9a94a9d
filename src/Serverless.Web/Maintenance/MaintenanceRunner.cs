namespace Serverless.Web.Maintenance;

/// <summary>Runs the tasks that are due.</summary>
public sealed class MaintenanceRunner
{
    private readonly IMaintenanceTask[] _tasks;
    private readonly MaintenanceObserver _observer;

    internal MaintenanceRunner(IEnumerable<IMaintenanceTask> tasks, MaintenanceObserver observer) => (_tasks, _observer) = ([.. tasks], observer);

    /// <summary>Runs them.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var task in _tasks)
        {
            var turn = new MaintenanceTurn(TimeSpan.MaxValue, null, (_, _) => Task.CompletedTask);
            await _observer.ObserveAsync(task.Name, () => task.RunAsync(turn, cancellationToken), cancellationToken);
        }
    }
}
