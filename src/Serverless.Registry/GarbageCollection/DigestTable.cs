using Serverless.Registry.Oci;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Gives digests numbers, so that each is kept once, in as many bytes as its hash has: some forty bytes for a SHA-256, where its text would take two hundred.
/// </summary>
internal sealed class DigestTable
{
    private readonly ChunkedList<Sha256Number> _hashes = new();
    private readonly Dictionary<Digest, int> _others = [];
    private readonly Dictionary<int, Digest> _othersByNumber = [];
    private ChunkedList<int> _next = new();
    private int[] _buckets = new int[1024];

    /// <summary>How many digests have a number: from 0 on.</summary>
    public int Count => _hashes.Count;

    /// <summary>The digest's number; a new one when it has none yet.</summary>
    public int Add(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash) =>
        algorithm == DigestAlgorithm.Sha256 ? Add(Sha256Number.Of(hash)) : AddOther(Digest.FromHash(algorithm, hash));

    /// <inheritdoc cref="Add(DigestAlgorithm, ReadOnlySpan{byte})"/>
    public int Add(Digest digest) => digest.Algorithm == DigestAlgorithm.Sha256 ? Add(Sha256Number.Of(digest)) : AddOther(digest);

    /// <summary>The digest's number; -1 when it has none.</summary>
    public int Find(Digest digest) => digest.Algorithm == DigestAlgorithm.Sha256 ? Find(Sha256Number.Of(digest)) : _others.GetValueOrDefault(digest, -1);

    /// <summary>The digest of a number.</summary>
    public Digest this[int number] => _othersByNumber.TryGetValue(number, out var other) ? other : _hashes[number].ToDigest();

    private int Add(Sha256Number value) => Find(value) is var found and >= 0 ? found : Append(value);

    private int AddOther(Digest digest)
    {
        if (_others.TryGetValue(digest, out var number)) return number;
        number = _hashes.Count;
        _hashes.Add(default);
        _next.Add(-1);
        _others.Add(digest, number);
        _othersByNumber.Add(number, digest);
        return number;
    }

    private int Append(Sha256Number value)
    {
        if (_hashes.Count >= _buckets.Length) Grow();
        var number = _hashes.Count;
        _hashes.Add(value);
        ref var bucket = ref _buckets[Bucket(value)];
        _next.Add(bucket - 1);
        bucket = number + 1;
        return number;
    }

    private int Find(Sha256Number value)
    {
        for (var number = _buckets[Bucket(value)] - 1; number >= 0; number = _next[number])
        {
            if (_hashes[number] == value) return number;
        }

        return -1;
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 2];
        _next = new ChunkedList<int>();
        for (var number = 0; number < _hashes.Count; number++)
        {
            if (_othersByNumber.ContainsKey(number))
            {
                _next.Add(-1);
                continue;
            }

            ref var bucket = ref _buckets[Bucket(_hashes[number])];
            _next.Add(bucket - 1);
            bucket = number + 1;
        }
    }

    // The number of buckets is a power of two.
    private int Bucket(Sha256Number value) => value.GetHashCode() & (_buckets.Length - 1);
}
