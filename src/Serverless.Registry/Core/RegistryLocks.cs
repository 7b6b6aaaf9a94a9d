using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// Tags and manifests that somebody has locked at run time: they may neither be moved nor deleted, nor may what they lead to, until they are unlocked. The rows are read with the
/// others that hold for all instances, so a lock costs no request anything and holds everywhere five seconds after it was set.
/// </summary>
public sealed class RegistryLocks
{
    /// <summary>How many locks there may be: all of them are read together.</summary>
    public const int Most = 800;

    private const string ActorProperty = "actor";

    private readonly ITableStore _tables;
    private readonly SharedRows _shared;

    internal RegistryLocks(ITableStore tables, SharedRows shared) => (_tables, _shared) = (tables, shared);

    /// <summary>Locks a tag, or a manifest by its digest. Whether it exists is for the caller to look.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="reference">The tag or digest.</param>
    /// <param name="actor">Who locks it; null when unknown.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">UNSUPPORTED: there are <see cref="Most"/> locks; a rule for immutable tags reaches further.</exception>
    public async Task LockAsync(RepositoryName repository, Reference reference, string? actor, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(cancellationToken)).Count >= Most) throw new RegistryException(RegistryError.Unsupported, $"there are {Most} locks, and no more are possible; a rule (Tags:Immutable) holds for any number of tags");
        var properties = new Dictionary<string, object>();
        if (actor is not null) properties[ActorProperty] = actor;
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Lock(repository, reference), properties), cancellationToken);
        _shared.Forget();
    }

    /// <summary>Unlocks it.</summary>
    /// <returns>False when it was not locked.</returns>
    public async Task<bool> UnlockAsync(RepositoryName repository, Reference reference, CancellationToken cancellationToken)
    {
        var result = await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Lock(repository, reference), "*"), cancellationToken);
        _shared.Forget();
        return result.Done;
    }

    /// <summary>All locks, by repository and name.</summary>
    public async Task<IReadOnlyList<RegistryLock>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).OrderBy(l => l.Repository).ThenBy(l => l.Reference.ToString(), StringComparer.Ordinal)];

    /// <summary>The locks as they are in rows that were read.</summary>
    /// <param name="seen">The rows.</param>
    /// <param name="prefix">Begins the keys of those that are wanted; the others are not looked at.</param>
    internal static IEnumerable<RegistryLock> Of(SharedRows.Seen seen, string prefix) => seen.Rows.Values
        .Where(r => r.Key.Row.StartsWith(prefix, StringComparison.Ordinal))
        .Select(r =>
        {
            var (repository, reference) = TableKeys.LockParts(r.Key);
            return new RegistryLock(repository, reference, r.Timestamp, r.FindString(ActorProperty));
        });

    private async Task<List<RegistryLock>> ReadAsync(CancellationToken cancellationToken) => [.. Of(await _shared.ReadAsync(cancellationToken), TableKeys.LockPrefix)];
}

/// <summary>A lock.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Reference">The tag or digest that is locked.</param>
/// <param name="Since">Since when, UTC, by the clock of storage.</param>
/// <param name="Actor">Who locked it; null when unknown.</param>
public sealed record RegistryLock(RepositoryName Repository, Reference Reference, DateTimeOffset Since, string? Actor);
