namespace Serverless.Registry.Core;

/// <summary>Where a long walk goes on, and who is told how far it has come, so that a walk that is cut off need not begin again.</summary>
/// <param name="From">What an earlier walk told last; null begins at the beginning.</param>
/// <param name="ReachedAsync">
/// Told of each place, in a text of the walk's own, when all that comes before it and the place itself are done. It is called often, and awaited: what it throws
/// ends the walk.
/// </param>
public sealed record WalkCursor(string? From, Func<string, CancellationToken, Task> ReachedAsync);
