using System.Diagnostics.CodeAnalysis;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// The task is not this run's any more: its time limit has passed, and another instance has taken the task over. What it has done is done, and it has to stop.
/// </summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "It is always of a task.")]
public sealed class ClaimLostException(string task)
    : Exception($"The task {task} is not this run's any more: its time limit has passed and another instance has taken it over, or its row was deleted.");
