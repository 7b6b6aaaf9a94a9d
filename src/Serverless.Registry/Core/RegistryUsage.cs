using System.Runtime.CompilerServices;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>How much repositories hold, as the garbage collector has counted it: it looks at each a grace after it was changed. Where a quota holds, what was pushed since is known too.</summary>
public sealed class RegistryUsage
{
    private readonly RegistryContext _context;

    internal RegistryUsage(RegistryContext context) => _context = context;

    /// <summary>What a repository holds: one read. Null when it was not counted yet, or holds nothing.</summary>
    public async Task<RepositoryUse?> FindAsync(RepositoryName repository, CancellationToken cancellationToken) =>
        await _context.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Usage(repository), cancellationToken) is { } row ? RepositoryUse.Read(row) : null;

    /// <summary>What repositories hold, in the order of their names: a read for each thousand. Those that were not counted yet, or hold nothing, are left out.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="last">The last of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<RepositoryUse> ListAsync(RepositoryName first, RepositoryName last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in _context.Tables.ListAsync(TableKeys.SystemTable, TableKeys.Usages(first, last), cancellationToken))
        {
            if (RepositoryUse.Read(row) is { } use) yield return use;
        }
    }

    /// <summary>What namespaces hold, by name: a read for each thousand of their repositories, and of what was added where quotas hold.</summary>
    /// <param name="after">The name of a namespace after which to go on; null: from the first.</param>
    /// <param name="isSeen">Whether a repository counts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<NamespaceUsage> ListNamespacesAsync(string? after, Func<RepositoryName, bool> isSeen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        NamespaceUsage? current = null;
        HashSet<RepositoryName> repositories = [];
        await foreach (var row in _context.Tables.ListAsync(TableKeys.SystemTable, TableKeys.UsageAfter(after is null ? null : TableKeys.UsagePartition(after)), cancellationToken))
        {
            var use = RepositoryUse.Read(row);
            RepositoryName repository;
            if (use is not null) repository = use.Repository;
            else if (!TableKeys.TryReadAdded(row.Key, out repository)) continue;
            if (!_context.Options.Scope.Contains(repository) || !isSeen(repository)) continue;
            var name = TableKeys.HeadOf(repository.ToString());
            if (current is not null && current.Name != name)
            {
                if (repositories.Count > 0) yield return current with { Repositories = repositories.Count };
                current = null;
                repositories.Clear();
            }

            current ??= new NamespaceUsage(name) { Quota = await _context.Quotas.FindAsync(repository, cancellationToken) };
            // What was noted for a quota that is no more is no more counted.
            if (use is null && current.Quota is null) continue;
            repositories.Add(repository);
            var (blobs, bytes) = use is null ? (1, row.GetInt64(RepositoryUse.BytesProperty)) : (use.Blobs, use.Bytes);
            current = current with { Blobs = current.Blobs + blobs, Bytes = current.Bytes + bytes };
        }

        if (current is not null && repositories.Count > 0) yield return current with { Repositories = repositories.Count };
    }

    /// <summary>What all blobs take together, each once; null when no verification has counted them yet.</summary>
    public async Task<TotalUsage?> FindTotalAsync(CancellationToken cancellationToken) => (await _context.Shared.GetAsync(cancellationToken)).Find(TableKeys.TotalUsage) is { } row
        ? new TotalUsage(row.GetInt64(RepositoryUse.BytesProperty), row.GetInt64(RepositoryUse.BlobsProperty), row.Timestamp)
        : null;

    /// <summary>Notes what all blobs take together. In a registry that is read-only it is left as it is, and what is there already is not written again.</summary>
    /// <param name="blobs">How many there are.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task NoteTotalAsync(long blobs, long bytes, CancellationToken cancellationToken)
    {
        if ((await _context.Switches.GetAsync(cancellationToken)).ReadOnly) return;
        if (await FindTotalAsync(cancellationToken) is { } total && total.Blobs == blobs && total.Bytes == bytes) return;
        await _context.DemandOwnAsync(cancellationToken);
        await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.TotalUsage, RepositoryUse.ToProperties(bytes, blobs)), cancellationToken);
    }
}

/// <summary>What a namespace holds: the sum of its repositories.</summary>
/// <param name="Name">What the names of its repositories begin with, up to the first slash and with it; or the name of a repository without a slash.</param>
public sealed record NamespaceUsage(string Name)
{
    /// <summary>How many repositories hold anything.</summary>
    public int Repositories { get; init; }

    /// <summary>How many blobs they link to.</summary>
    public long Blobs { get; init; }

    /// <summary>The sum of the sizes, in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>What it may hold; null: as much as there is room for.</summary>
    public Quota? Quota { get; init; }
}

/// <summary>What all blobs of a registry take.</summary>
/// <param name="Bytes">In bytes.</param>
/// <param name="Blobs">How many there are.</param>
/// <param name="CountedAt">When a verification has first found so much, UTC, by the clock of storage.</param>
public sealed record TotalUsage(long Bytes, long Blobs, DateTimeOffset CountedAt);
