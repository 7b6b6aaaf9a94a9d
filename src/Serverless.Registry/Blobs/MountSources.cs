using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// Where a client that names no source can mount a blob from. A popular blob has links by the thousand, few of them of use to any one client, so they are not walked: the repositories
/// that the client's rights name are looked up, and of the links that begin as one of its patterns does one page is read. What is not found so is uploaded.
/// </summary>
internal sealed class MountSources(ITableStore tables, RepositoryName repository)
{
    private const int MaxNames = 16;
    private const int MaxPatterns = 8;
    private const int LinksOfPattern = 100;

    /// <summary>A repository that links to the blob and that the rights let one pull from; null when none was found.</summary>
    public async Task<RepositoryName?> FindAsync(Digest digest, AccessRights rights, CancellationToken cancellationToken)
    {
        var rules = rights.Rules.Where(r => r.Actions.HasFlag(RepositoryActions.Pull)).ToList();
        return await FindNamedAsync(digest, rights, rules, cancellationToken) ?? await FindByPatternAsync(digest, rights, rules, cancellationToken);
    }

    // All at once, the repository itself first.
    private async Task<RepositoryName?> FindNamedAsync(Digest digest, AccessRights rights, List<AccessRule> rules, CancellationToken cancellationToken)
    {
        var names = rules.Select(r => r.Repository).OfType<RepositoryName>();
        var candidates = (MayPull(rights, repository) ? names.Prepend(repository) : names).Distinct().Take(MaxNames).ToList();
        var links = await Task.WhenAll(candidates.Select(n => tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(digest, n), cancellationToken)));
        var index = Array.FindIndex(links, static l => l is not null);
        return index < 0 ? null : candidates[index];
    }

    // What is narrow first: it leads to the client's own repositories.
    private async Task<RepositoryName?> FindByPatternAsync(Digest digest, AccessRights rights, List<AccessRule> rules, CancellationToken cancellationToken)
    {
        foreach (var prefix in rules.Where(r => r.Repository is null).Select(r => r.Prefix).Distinct().OrderByDescending(p => p.Length).Take(MaxPatterns))
        {
            var query = RowQuery.Prefix(digest.ToString(), TableKeys.Encode(prefix)) with { Select = [], PageSize = LinksOfPattern };
            var page = await tables.QueryAsync(TableKeys.BlobsTable, query, null, cancellationToken);
            foreach (var row in page.Rows)
            {
                if (TableKeys.TryDecode(row.Key.Row, out var source) && MayPull(rights, source)) return source;
            }
        }

        return null;
    }

    private static bool MayPull(AccessRights rights, RepositoryName source) => rights.On(source).HasFlag(RepositoryActions.Pull);
}
