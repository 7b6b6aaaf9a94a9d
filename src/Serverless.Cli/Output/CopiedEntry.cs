namespace Serverless.Cli.Output;

/// <summary>An image that was copied, or was to be.</summary>
/// <param name="Repository">The repository, or the folder, that it was copied to.</param>
/// <param name="Tag">Its tag; where it has none, its digest.</param>
/// <param name="Digest">Its digest; null when it was not copied.</param>
/// <param name="Problem">Why it was not copied; null when it was.</param>
internal sealed record CopiedEntry(string Repository, string Tag, string? Digest, string? Problem);
