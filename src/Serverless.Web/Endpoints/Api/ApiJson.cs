using System.Text.Json.Serialization;

namespace Serverless.Web.Endpoints.Api;

/// <summary>The bodies of the API. What a request says twice, or what nobody knows, is refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false, RespectNullableAnnotations = true, MaxDepth = 16)]
[JsonSerializable(typeof(ImportOrder))]
[JsonSerializable(typeof(ImportDocument))]
[JsonSerializable(typeof(ImportListDocument))]
[JsonSerializable(typeof(AccountListDocument))]
[JsonSerializable(typeof(AccountDocument))]
[JsonSerializable(typeof(AccountOrder))]
[JsonSerializable(typeof(AccountChange))]
[JsonSerializable(typeof(NewPasswordDocument))]
[JsonSerializable(typeof(ScopeMapListDocument))]
[JsonSerializable(typeof(ScopeMapDocument))]
[JsonSerializable(typeof(ScopeMapOrder))]
[JsonSerializable(typeof(AuditDocument))]
[JsonSerializable(typeof(RepositoryListDocument))]
[JsonSerializable(typeof(RepositoryDocument))]
[JsonSerializable(typeof(TagListDocument))]
[JsonSerializable(typeof(TagDocument))]
[JsonSerializable(typeof(TagOrder))]
[JsonSerializable(typeof(TagHistoryDocument))]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(ReferrerTreeDocument))]
[JsonSerializable(typeof(DeletedListDocument))]
[JsonSerializable(typeof(RestoredDocument))]
[JsonSerializable(typeof(UsageDocument))]
[JsonSerializable(typeof(QuotaListDocument))]
[JsonSerializable(typeof(QuotaOrder))]
[JsonSerializable(typeof(EventListDocument))]
internal sealed partial class ApiJson : JsonSerializerContext;
