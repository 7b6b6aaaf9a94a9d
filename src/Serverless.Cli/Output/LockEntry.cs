namespace Serverless.Cli.Output;

/// <summary>A lock.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Reference">The tag or digest.</param>
/// <param name="Since">Since when, UTC.</param>
internal sealed record LockEntry(string Repository, string Reference, DateTimeOffset Since);
