using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Manifests;

/// <summary>The referrers of one repository: manifests that name a subject (OCI distribution specification 1.1.1, "Listing Referrers").</summary>
public sealed class ReferrerStore
{
    // A list is an image index, and clients read no index above 4 MiB.
    private const int MaxListSize = 3 * 1024 * 1024;

    private readonly RegistryContext _context;
    private readonly RepositoryName _repository;

    internal ReferrerStore(RegistryContext context, RepositoryName repository) => (_context, _repository) = (context, repository);

    /// <summary>A page of the referrers of a subject, in order of their digests. The subject need not exist.</summary>
    /// <param name="subject">The manifest referred to.</param>
    /// <param name="artifactType">The type that they must have; null takes all.</param>
    /// <param name="count">Referrers in the page, at most. It may hold fewer, so as not to exceed 3 MiB, but at least one if there is one.</param>
    /// <param name="last">The digest after which to go on, as text; null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The referrers, and whether there are more.</returns>
    public async Task<(IReadOnlyList<Referrer> Referrers, bool More)> ListPageAsync(
        Digest subject, string? artifactType, int count, string? last, CancellationToken cancellationToken)
    {
        List<Referrer> page = [];
        if (count == 0) return (page, false);
        var prefix = TableKeys.ReferrerPrefix(subject);
        var size = 0;
        await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.PrefixAfter(TableKeys.Encode(_repository), prefix, last), cancellationToken))
        {
            if (artifactType is not null && ManifestRow.ArtifactType(row) != artifactType) continue;
            var referrer = new Referrer(Digest.Parse(row.Key.Row[prefix.Length..]), ManifestRow.ReferrerDescriptor(row));
            size += referrer.Descriptor.Length;
            if (page.Count == count || (page.Count > 0 && size > MaxListSize)) return (page, true);
            page.Add(referrer);
        }

        return (page, false);
    }
}

/// <summary>A referrer.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Descriptor">Its descriptor as JSON, artifact type and annotations included, as it stands in the list.</param>
public sealed record Referrer(Digest Digest, ReadOnlyMemory<byte> Descriptor);
