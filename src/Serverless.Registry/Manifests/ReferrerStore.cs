using Serverless.Registry.Oci;
using Serverless.Registry.Repositories;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Manifests;

/// <summary>The referrers of one repository: manifests that name a subject (OCI distribution specification 1.1.1, "Listing Referrers").</summary>
public sealed class ReferrerStore
{
    private readonly RegistryContext _context;
    private readonly RepositoryName _repository;

    internal ReferrerStore(RegistryContext context, RepositoryName repository) => (_context, _repository) = (context, repository);

    /// <summary>A page of the referrers of a subject, in order of their digests. The subject need not exist.</summary>
    /// <param name="subject">The manifest referred to.</param>
    /// <param name="count">Referrers in the page, at most.</param>
    /// <param name="last">The digest after which to go on, as text; null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The descriptors as JSON, as they stand in the list, and whether there are more.</returns>
    public async Task<(IReadOnlyList<ReadOnlyMemory<byte>> Descriptors, bool More)> ListPageAsync(
        Digest subject, int count, string? last, CancellationToken cancellationToken)
    {
        var query = RowQuery.PrefixAfter(TableKeys.Encode(_repository), TableKeys.ReferrerPrefix(subject), last);
        var (rows, more) = await _context.Tables.TakeAsync(TableKeys.RegistryTable, query, count, cancellationToken);
        return ([.. rows.Select(ManifestRow.ReferrerDescriptor)], more);
    }
}
