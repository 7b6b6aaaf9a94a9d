namespace Serverless.Functions.Maintenance;

/// <summary>Work that is done from time to time: by a timer function under the Functions host, by a timer of its own otherwise.</summary>
/// <param name="Name">The name of the timer function.</param>
/// <param name="Interval">How often it is done without the host; null: never.</param>
/// <param name="RunAsync">Does it, and says in a line what was done.</param>
internal sealed record MaintenanceTask(string Name, TimeSpan? Interval, Func<CancellationToken, Task<string>> RunAsync);
