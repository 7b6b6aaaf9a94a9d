namespace Serverless.Cli.Output;

/// <summary>A backup.</summary>
/// <param name="Backup">Its name: when it was begun, UTC.</param>
/// <param name="Complete">When it was complete, UTC; null: it is not.</param>
/// <param name="Repositories">How many repositories it holds.</param>
/// <param name="Registry">The id of the registry that it is of.</param>
internal sealed record BackupEntry(string Backup, DateTimeOffset? Complete, long Repositories, string? Registry);
