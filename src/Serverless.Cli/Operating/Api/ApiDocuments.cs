using System.Text.Json.Serialization;
using Serverless.Cli.Output;
using Serverless.Registry.Core;

namespace Serverless.Cli.Operating.Api;

/// <summary>What the API for operators reads and writes, as far as the tool needs it: newer registries may say more.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ApiAccountPage))]
[JsonSerializable(typeof(ApiAccount))]
[JsonSerializable(typeof(ApiAccountOrder))]
[JsonSerializable(typeof(ApiAccountChange))]
[JsonSerializable(typeof(ApiPassword))]
[JsonSerializable(typeof(ApiScopeMapList))]
[JsonSerializable(typeof(ApiScopeMapOrder))]
[JsonSerializable(typeof(ApiRepositoryPage))]
[JsonSerializable(typeof(ApiTagPage))]
[JsonSerializable(typeof(ApiTag))]
[JsonSerializable(typeof(ApiTagOrder))]
[JsonSerializable(typeof(ApiTagHistory))]
[JsonSerializable(typeof(ApiDeletedList))]
[JsonSerializable(typeof(RestoredEntry))]
[JsonSerializable(typeof(ApiUsagePage))]
[JsonSerializable(typeof(ApiQuotaList))]
[JsonSerializable(typeof(ApiQuotaOrder))]
internal sealed partial class ApiDocuments : JsonSerializerContext;

/// <summary>A page of a list.</summary>
internal interface IApiPage
{
    /// <summary>Begins the next page; null on the last one.</summary>
    string? Cursor { get; }
}

internal sealed record ApiAccountPage(IReadOnlyList<ApiAccount> Accounts, string? Cursor = null) : IApiPage;

internal sealed record ApiAccount(
    string Name, string Kind, string State, IReadOnlyList<string> ScopeMaps, int Passwords, DateTimeOffset? ExpiresAt = null, DateTimeOffset? LastUsedAt = null, string? Password = null);

internal sealed record ApiAccountOrder(string Name, string Kind, string? Password, IReadOnlyList<string> ScopeMaps, DateTimeOffset? ExpiresAt);

internal sealed record ApiAccountChange(bool? Disabled, IReadOnlyList<string>? ScopeMaps, string? Password);

internal sealed record ApiPassword(string Password);

internal sealed record ApiScopeMapList(IReadOnlyList<ScopeMapInfo> ScopeMaps);

internal sealed record ApiScopeMapOrder(IReadOnlyList<string> Rules);

internal sealed record ApiRepositoryPage(IReadOnlyList<string> Repositories, string? Cursor = null) : IApiPage;

internal sealed record ApiTagPage(IReadOnlyList<ApiTag> Tags, string? Cursor = null) : IApiPage;

internal sealed record ApiTag(string Name, string Digest, long Size, DateTimeOffset? PushedAt = null, DateTimeOffset? PulledAt = null);

internal sealed record ApiTagOrder;

internal sealed record ApiTagHistory(IReadOnlyList<ApiTagMove> Moves);

internal sealed record ApiTagMove(string Digest, DateTimeOffset At, string? By = null);

internal sealed record ApiUsagePage(IReadOnlyList<ApiNamespace> Namespaces, TotalUsage? Total = null, string? Cursor = null) : IApiPage;

internal sealed record ApiNamespace(string Name, int Repositories, long Blobs, long Bytes, QuotaEntry? Quota = null);

internal sealed record ApiQuotaList(IReadOnlyList<QuotaEntry> Quotas);

internal sealed record ApiQuotaOrder(long? Soft, long? Hard);

internal sealed record ApiDeletedList(IReadOnlyList<DeletedEntry> Deleted, bool HasMore);
