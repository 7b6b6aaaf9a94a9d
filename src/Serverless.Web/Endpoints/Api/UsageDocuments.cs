using System.ComponentModel;
using Serverless.Registry.Core;

namespace Serverless.Web.Endpoints.Api;

/// <summary>What namespaces hold.</summary>
internal sealed record UsageDocument
{
    [Description("What all blobs of the registry take together, each once, as the last verification has counted them; only for those who may see all repositories.")]
    public UseDocument? Total { get; init; }

    [Description("The namespaces, by name. Those that hold nothing, or were not counted yet, are left out.")]
    public required IReadOnlyList<NamespaceDocument> Namespaces { get; init; }

    [Description("Begins the next page; not there on the last one.")]
    public string? Cursor { get; init; }
}

/// <summary>What something holds.</summary>
internal sealed record UseDocument(
    [property: Description("Bytes.")] long Bytes,
    [property: Description("Blobs.")] long Blobs,
    [property: Description("When they were counted.")] DateTimeOffset CountedAt)
{
    public static UseDocument Of(RepositoryUse use) => new(use.Bytes, use.Blobs, use.CountedAt);
}

/// <summary>What a repository of a list holds.</summary>
internal sealed record RepositoryUseDocument(
    [property: Description("The repository.")] string Name,
    [property: Description("Bytes of the blobs that it links to.")] long Bytes,
    [property: Description("Blobs.")] long Blobs,
    [property: Description("When they were counted.")] DateTimeOffset CountedAt)
{
    public static RepositoryUseDocument Of(RepositoryUse use) => new(use.Repository.ToString(), use.Bytes, use.Blobs, use.CountedAt);
}

/// <summary>What a namespace holds.</summary>
internal sealed record NamespaceDocument
{
    [Description("What the names of its repositories begin with, the slash included; or the name of a repository without a slash.")]
    public required string Name { get; init; }

    [Description("How many of its repositories hold anything.")]
    public required int Repositories { get; init; }

    [Description("The blobs that they link to; what several of them share counts for each.")]
    public required long Blobs { get; init; }

    [Description("Their bytes. What was pushed within the last day or so is left out, unless there is a quota.")]
    public required long Bytes { get; init; }

    [Description("What it may hold; not there without a quota.")]
    public QuotaDocument? Quota { get; init; }

    public static NamespaceDocument Of(NamespaceUsage usage) => new()
    {
        Name = usage.Name,
        Repositories = usage.Repositories,
        Blobs = usage.Blobs,
        Bytes = usage.Bytes,
        Quota = usage.Quota is { } quota ? QuotaDocument.Of(quota) : null,
    };
}

/// <summary>The quotas.</summary>
internal sealed record QuotaListDocument([property: Description("The quotas, by their patterns.")] IReadOnlyList<QuotaDocument> Quotas);

/// <summary>A quota as it is shown.</summary>
internal sealed record QuotaDocument(
    [property: Description("The namespaces for each of which it holds: a name without its slash, or what names begin with and an asterisk.")] string Pattern,
    [property: Description("Above this many bytes pushes are warned; not there: never.")] long? Soft,
    [property: Description("Above this many bytes pushes are refused; not there: never.")] long? Hard)
{
    public static QuotaDocument Of(Quota quota) => new(quota.Pattern, quota.Soft, quota.Hard);
}

/// <summary>The body of a request that sets a quota.</summary>
internal sealed record QuotaOrder
{
    [Description("Above this many bytes pushes are warned.")]
    public long? Soft { get; init; }

    [Description("Above this many bytes pushes are refused; not below the other.")]
    public long? Hard { get; init; }
}
