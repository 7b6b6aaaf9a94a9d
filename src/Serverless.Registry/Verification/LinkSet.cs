using Serverless.Registry.Oci;

namespace Serverless.Registry.Verification;

/// <summary>Which blobs each repository links to, as the rows of the blobs say.</summary>
internal sealed class LinkSet
{
    private readonly Dictionary<RepositoryName, HashSet<Digest>> _links = [];

    /// <summary>The repositories that were not taken.</summary>
    public IReadOnlyList<RepositoryName> Repositories => [.. _links.Keys.Order()];

    public void Add(RepositoryName repository, Digest digest)
    {
        if (!_links.TryGetValue(repository, out var digests)) _links.Add(repository, digests = []);
        digests.Add(digest);
    }

    /// <summary>The blobs of a repository, which this set then forgets.</summary>
    public HashSet<Digest> Take(RepositoryName repository) => _links.Remove(repository, out var digests) ? digests : [];
}
