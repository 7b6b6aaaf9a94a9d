using Serverless.Registry.Oci;

namespace Serverless.Registry.Verification;

/// <summary>
/// Which blobs repositories link to, as the rows of the blobs say: at most so many links, from a place in their order on. When there are more, the later half is dropped, and another
/// pass begins there.
/// </summary>
internal sealed class LinkSet(LinkPlace from, int most)
{
    private readonly Dictionary<string, DigestSet> _links = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The links that the set holds all of.</summary>
    public LinkRange Range { get; private set; } = new(from, null);

    /// <summary>The keys of the repositories that were not taken, in order.</summary>
    public IReadOnlyList<string> Repositories => [.. _links.Keys.Order(StringComparer.Ordinal)];

    public void Add(string repository, Digest digest)
    {
        if (!Range.Covers(repository, digest)) return;
        if (!_links.TryGetValue(repository, out var digests)) _links.Add(repository, digests = new DigestSet());
        if (digests.Add(digest) && ++_count > most) DropLaterHalf();
    }

    /// <summary>The blobs of a repository, which this set then forgets.</summary>
    public DigestSet Take(string repository) => _links.Remove(repository, out var digests) ? digests : new DigestSet();

    private void DropLaterHalf()
    {
        var half = Math.Max(1, most / 2);
        LinkPlace? end = null;
        _count = 0;
        foreach (var repository in Repositories)
        {
            var digests = _links[repository];
            if (end is not null)
            {
                _links.Remove(repository);
            }
            else if (_count + digests.Count <= half)
            {
                _count += digests.Count;
            }
            else if (_count > 0)
            {
                _links.Remove(repository);
                end = new LinkPlace(repository, "");
            }
            else
            {
                // One repository alone has more.
                var first = digests.At(half);
                digests.DropFrom(first);
                _count = half;
                end = new LinkPlace(repository, first.ToString());
            }
        }

        Range = Range with { End = end };
    }
}
