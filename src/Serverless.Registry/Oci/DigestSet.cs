namespace Serverless.Registry.Oci;

/// <summary>Digests as numbers of 32 bytes, for there may be very many of them; the rare ones of another algorithm as texts.</summary>
internal sealed class DigestSet
{
    private readonly HashSet<Sha256Number> _sha256 = [];
    private readonly HashSet<Digest> _others = [];

    public int Count => _sha256.Count + _others.Count;

    /// <summary>The digests that are not in another set, in the order of their texts.</summary>
    public IEnumerable<Digest> OrderedExcept(DigestSet others) =>
        _sha256.Where(n => !others._sha256.Contains(n)).Order().Select(n => n.ToDigest()).Concat(Order(_others.Where(d => !others._others.Contains(d))));

    /// <summary>The digest that so many others come before.</summary>
    public Digest At(int index) => index < _sha256.Count ? _sha256.Order().ElementAt(index).ToDigest() : Order(_others).ElementAt(index - _sha256.Count);

    /// <returns>False when it was in the set already.</returns>
    public bool Add(Digest digest) => digest.Algorithm == DigestAlgorithm.Sha256 ? _sha256.Add(Sha256Number.Of(digest)) : _others.Add(digest);

    public bool Contains(Digest digest) => digest.Algorithm == DigestAlgorithm.Sha256 ? _sha256.Contains(Sha256Number.Of(digest)) : _others.Contains(digest);

    /// <summary>Drops the digests from this one on, in the order of their texts.</summary>
    public void DropFrom(Digest first)
    {
        // Texts of the other algorithm come after those of SHA-256.
        if (first.Algorithm == DigestAlgorithm.Sha256)
        {
            var number = Sha256Number.Of(first);
            _sha256.RemoveWhere(n => n.CompareTo(number) >= 0);
            _sha256.TrimExcess();
        }

        _others.RemoveWhere(d => string.CompareOrdinal(d.ToString(), first.ToString()) >= 0);
    }

    private static IEnumerable<Digest> Order(IEnumerable<Digest> digests) => digests.OrderBy(d => d.ToString(), StringComparer.Ordinal);
}
