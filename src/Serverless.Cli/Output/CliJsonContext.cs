using System.Text.Json.Serialization;
using Serverless.Cli.Operating;

namespace Serverless.Cli.Output;

/// <summary>The JSON that lists are printed as.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<UserEntry>))]
[JsonSerializable(typeof(List<RobotEntry>))]
[JsonSerializable(typeof(List<ScopeMapEntry>))]
[JsonSerializable(typeof(List<KeyEntry>))]
[JsonSerializable(typeof(List<CollectedEntry>))]
[JsonSerializable(typeof(List<FindingEntry>))]
[JsonSerializable(typeof(List<BackupEntry>))]
[JsonSerializable(typeof(List<LockEntry>))]
[JsonSerializable(typeof(List<UsageEntry>))]
[JsonSerializable(typeof(List<QuotaEntry>))]
[JsonSerializable(typeof(List<EventEntry>))]
[JsonSerializable(typeof(List<CopiedEntry>))]
[JsonSerializable(typeof(List<AdoptEntry>))]
[JsonSerializable(typeof(List<RepositoryEntry>))]
[JsonSerializable(typeof(List<TagEntry>))]
internal sealed partial class CliJsonContext : JsonSerializerContext;

/// <summary>A user.</summary>
/// <param name="Name">The name.</param>
/// <param name="State">active or disabled.</param>
/// <param name="Scopes">Names of scope maps.</param>
/// <param name="LastUsed">When it last signed in, UTC, to the hour; null: never.</param>
internal sealed record UserEntry(string Name, string State, IReadOnlyList<string> Scopes, DateTimeOffset? LastUsed);

/// <summary>A robot.</summary>
/// <param name="Name">The name.</param>
/// <param name="State">active, disabled or expired.</param>
/// <param name="Scopes">Names of scope maps.</param>
/// <param name="Passwords">How many passwords hold, 1 or 2.</param>
/// <param name="Expires">When it ends, UTC; null: never.</param>
/// <param name="LastUsed">When it last signed in, UTC, to the hour; null: never.</param>
internal sealed record RobotEntry(string Name, string State, IReadOnlyList<string> Scopes, int Passwords, DateTimeOffset? Expires, DateTimeOffset? LastUsed);

/// <summary>A scope map.</summary>
/// <param name="Name">The name.</param>
/// <param name="Rights">Its rights.</param>
/// <param name="Source">stored or configuration.</param>
internal sealed record ScopeMapEntry(string Name, IReadOnlyList<string> Rights, string Source);

/// <summary>A repository.</summary>
/// <param name="Name">The name.</param>
internal sealed record RepositoryEntry(string Name);

/// <summary>A key that signs tokens, without the key.</summary>
/// <param name="Id">Its name in tokens.</param>
/// <param name="State">published, signs or verifies.</param>
/// <param name="SignsFrom">From when on it signs, UTC.</param>
internal sealed record KeyEntry(string Id, string State, DateTimeOffset SignsFrom);
