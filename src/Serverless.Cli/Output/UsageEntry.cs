namespace Serverless.Cli.Output;

/// <summary>What a namespace holds.</summary>
/// <param name="Namespace">What the names of its repositories begin with, the slash included; or the name of a repository without a slash.</param>
/// <param name="Bytes">Bytes; what several repositories share counts for each.</param>
/// <param name="Blobs">Blobs.</param>
/// <param name="Repositories">Repositories that hold anything.</param>
/// <param name="Soft">Above so many bytes pushes are warned; null: never.</param>
/// <param name="Hard">Above so many bytes pushes are refused; null: never.</param>
internal sealed record UsageEntry(string Namespace, long Bytes, long Blobs, int Repositories, long? Soft, long? Hard);

/// <summary>A quota.</summary>
/// <param name="Pattern">The namespaces.</param>
/// <param name="Soft">Above so many bytes pushes are warned; null: never.</param>
/// <param name="Hard">Above so many bytes pushes are refused; null: never.</param>
internal sealed record QuotaEntry(string Pattern, long? Soft = null, long? Hard = null);
