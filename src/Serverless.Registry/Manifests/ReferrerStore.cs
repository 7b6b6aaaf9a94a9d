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

    // At most 64 KiB each, so 4 MiB are held at a time.
    private const int RowsAtATime = 64;

    // What one page may read to find referrers of a type.
    private const int MaxRows = 1024;
    private const int MaxBytes = 8 * 1024 * 1024;

    private readonly RegistryContext _context;
    private readonly RepositoryName _repository;

    internal ReferrerStore(RegistryContext context, RepositoryName repository) => (_context, _repository) = (context, repository);

    /// <summary>A page of the referrers of a subject, in order of their digests. The subject need not exist.</summary>
    /// <param name="subject">The manifest referred to.</param>
    /// <param name="artifactType">The type that they must have; null takes all.</param>
    /// <param name="count">
    /// Referrers in the page, at most. It may hold fewer, so as not to exceed 3 MiB; and where a type is asked for, fewer still, even none, because a page reads 1,024 referrers or 8 MiB at most.
    /// </param>
    /// <param name="last">The digest after which to go on, as text; null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ReferrerPage> ListPageAsync(Digest subject, string? artifactType, int count, string? last, CancellationToken cancellationToken)
    {
        if (count == 0) return new ReferrerPage([], null);
        List<Referrer> page = [];
        var prefix = TableKeys.ReferrerPrefix(subject);
        var query = RowQuery.PrefixAfter(TableKeys.Encode(_repository), prefix, last) with { PageSize = artifactType is null ? Math.Min(RowsAtATime, count + 1) : RowsAtATime };
        var (size, rows, read) = (0, 0, 0);
        string? reached = null;
        await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            // One row more than the page takes, which tells that there is a next one.
            if (page.Count == count || rows == MaxRows || read >= MaxBytes) return new ReferrerPage(page, reached);
            var referrer = new Referrer(Digest.Parse(row.Key.Row[prefix.Length..]), ManifestRow.ReferrerDescriptor(row));
            (rows, read) = (rows + 1, read + referrer.Descriptor.Length);
            if (artifactType is null || ManifestRow.ArtifactType(row) == artifactType)
            {
                size += referrer.Descriptor.Length;
                if (page.Count > 0 && size > MaxListSize) return new ReferrerPage(page, reached);
                page.Add(referrer);
            }

            reached = referrer.Digest.ToString();
        }

        return new ReferrerPage(page, null);
    }
}

/// <summary>A page of referrers.</summary>
/// <param name="Referrers">The referrers, in order of their digests.</param>
/// <param name="Next">The digest after which the next page begins, as text; it need not be that of a referrer in this one. Null when this was the last page.</param>
public sealed record ReferrerPage(IReadOnlyList<Referrer> Referrers, string? Next);

/// <summary>A referrer.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Descriptor">Its descriptor as JSON, artifact type and annotations included, as it stands in the list.</param>
public sealed record Referrer(Digest Digest, ReadOnlyMemory<byte> Descriptor)
{
    /// <summary>What the descriptor says.</summary>
    public Descriptor Describe() => DescriptorJson.Read(Descriptor);
}
