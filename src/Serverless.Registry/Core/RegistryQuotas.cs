using System.Globalization;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// Quotas of namespaces, set at run time. The rows are read with the others that hold for all instances, so where there is none nobody pays for it; where one holds a push looks at what the
/// namespace has at most once in five seconds, and notes each blob that it adds (see <see cref="UsageMemory"/>).
/// </summary>
public sealed class RegistryQuotas
{
    /// <summary>How many quotas there may be: all of them are read together.</summary>
    public const int Most = 100;

    private const string SoftProperty = "soft";
    private const string HardProperty = "hard";

    private readonly ITableStore _tables;
    private readonly SharedRows _shared;
    private readonly UsageMemory _memory;

    internal RegistryQuotas(ITableStore tables, SharedRows shared, TimeProvider time) => (_tables, _shared, _memory) = (tables, shared, new UsageMemory(tables, time));

    /// <summary>Sets a quota. It holds everywhere five seconds later; what repositories hold that nobody has pushed to since an older release is counted by the next collection.</summary>
    /// <exception cref="ArgumentException">It cannot be, as <see cref="Quota.FindProblem"/> says.</exception>
    /// <exception cref="RegistryException">UNSUPPORTED: there are <see cref="Most"/> quotas.</exception>
    public async Task SetAsync(Quota quota, CancellationToken cancellationToken)
    {
        if (quota.FindProblem() is { } problem) throw new ArgumentException(problem, nameof(quota));
        var there = await ListAsync(cancellationToken);
        if (there.Count >= Most && there.All(q => q.Pattern != quota.Pattern)) throw new RegistryException(RegistryError.Unsupported, $"there are {Most} quotas, and no more are possible; a pattern with an asterisk holds for many namespaces");
        var properties = new Dictionary<string, object>();
        if (quota.Soft is { } soft) properties[SoftProperty] = soft;
        if (quota.Hard is { } hard) properties[HardProperty] = hard;
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Quota(quota.Pattern), properties), cancellationToken);
        _shared.Forget();
    }

    /// <summary>Takes a quota away.</summary>
    /// <returns>False when there was none of that pattern.</returns>
    public async Task<bool> RemoveAsync(string pattern, CancellationToken cancellationToken)
    {
        if (!Quota.IsPattern(pattern)) return false;
        var result = await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Quota(pattern), "*"), cancellationToken);
        _shared.Forget();
        return result.Done;
    }

    /// <summary>All quotas, by their patterns.</summary>
    public async Task<IReadOnlyList<Quota>> ListAsync(CancellationToken cancellationToken) => [.. Of(await _shared.ReadAsync(cancellationToken)).OrderBy(q => q.Pattern, StringComparer.Ordinal)];

    /// <summary>Refuses a push before its body has come, where the namespace is full; and tells how it stands.</summary>
    /// <param name="repository">Where somebody pushes to.</param>
    /// <param name="atLeast">So many bytes will be added at least.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where no quota holds, which costs nothing.</returns>
    /// <exception cref="RegistryException">DENIED, with QUOTA in the detail.</exception>
    public async ValueTask<QuotaState?> DemandAsync(RepositoryName repository, long atLeast, CancellationToken cancellationToken)
    {
        if (await FindAsync(repository, cancellationToken) is not { } quota) return null;
        var bytes = (await _memory.ReadAsync(repository, cancellationToken)).Bytes;
        Demand(repository, quota, bytes, atLeast);
        return new QuotaState(quota, bytes);
    }

    /// <summary>The quota of a repository's namespace, at most five seconds old; null: none.</summary>
    internal async ValueTask<Quota?> FindAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var name = Quota.NamespaceOf(repository);
        return Of(await _shared.GetAsync(cancellationToken)).Where(q => q.Covers(name)).MaxBy(q => q.Rank);
    }

    /// <summary>Counts a blob that is about to be linked.</summary>
    /// <param name="repository">Where it is linked.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="quota">What holds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the namespace holds now, if it has passed its soft limit with this blob; else null.</returns>
    /// <exception cref="RegistryException">DENIED, and nothing was counted.</exception>
    internal async Task<long?> AddAsync(RepositoryName repository, Digest digest, long size, Quota quota, CancellationToken cancellationToken)
    {
        var use = await _memory.ReadAsync(repository, cancellationToken);
        var bytes = use.Take(size, before => Demand(repository, quota, before, size));
        var properties = new Dictionary<string, object> { [RepositoryUse.BytesProperty] = size };
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.UsageAdded(repository, digest), properties), cancellationToken);
        return quota.Soft is { } soft && bytes > soft && bytes - size <= soft ? bytes : null;
    }

    /// <summary>What tells that quotas have changed, for the collector, which then counts every repository anew.</summary>
    internal static string Describe(SharedRows.Seen seen) => string.Join(' ', Of(seen).Select(q => q.Pattern).Order(StringComparer.Ordinal));

    private static IEnumerable<Quota> Of(SharedRows.Seen seen) => seen.Rows.Values.Where(r => TableKeys.IsQuota(r.Key)).Select(Read);

    private static Quota Read(TableRow row) => new(TableKeys.QuotaPattern(row.Key))
    {
        Soft = row.Properties.GetValueOrDefault(SoftProperty) as long?,
        Hard = row.Properties.GetValueOrDefault(HardProperty) as long?,
    };

    private static void Demand(RepositoryName repository, Quota quota, long bytes, long more)
    {
        if (!(bytes + more > quota.Hard)) return;
        var name = Quota.NamespaceOf(repository);
        throw new RegistryException(
            RegistryError.Denied,
            string.Create(CultureInfo.InvariantCulture, $"the quota of {name} is {quota.Hard} bytes, and {bytes} are there; what is deleted counts until it is collected"),
            new Dictionary<string, string>
            {
                ["reason"] = "QUOTA",
                ["namespace"] = name,
                ["hard"] = string.Create(CultureInfo.InvariantCulture, $"{quota.Hard}"),
                ["used"] = string.Create(CultureInfo.InvariantCulture, $"{bytes}"),
            });
    }
}
