using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// The manifests of one repository and what they name. Everything is kept by number, in some hundred and fifty bytes for a manifest of a few layers: a repository may have a
/// million of them.
/// </summary>
internal sealed class ManifestGraph
{
    private const int None = -1;

    private readonly DigestTable _digests = new();

    // By digest: the manifest of that digest, the first of those that refer to it, and whether something live names it.
    private readonly ChunkedList<int> _manifestOf = new();
    private readonly ChunkedList<int> _firstReferrer = new();
    private readonly ChunkedList<bool> _named = new();

    // By manifest. What it names is _references[_first..], and so of its version.
    private readonly ChunkedList<int> _digestOf = new();
    private readonly ChunkedList<int> _subjectOf = new();
    private readonly ChunkedList<int> _nextReferrer = new();
    private readonly ChunkedList<int> _first = new();
    private readonly ChunkedList<int> _version = new();
    private readonly ChunkedList<bool> _live = new();
    private readonly ChunkedList<int> _references = new();
    private readonly ChunkedList<byte> _versions = new();

    /// <summary>How many manifests there are.</summary>
    public int Count => _digestOf.Count;

    /// <summary>Adds a manifest.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="etag">Its row's version.</param>
    /// <param name="subject">What it refers to; null when it refers to nothing.</param>
    /// <returns>Its number, for <see cref="AddReference(Digest)"/> and others.</returns>
    public int Add(Digest digest, string etag, Digest? subject)
    {
        var (number, id) = (Count, NumberOf(digest));
        _digestOf.Add(id);
        _manifestOf[id] = number;
        _first.Add(_references.Count);
        _version.Add(_versions.Count);
        foreach (var c in Encoding.UTF8.GetBytes(etag)) _versions.Add(c);
        _live.Add(false);
        var subjectId = subject is { } named ? NumberOf(named) : None;
        _subjectOf.Add(subjectId);
        _nextReferrer.Add(None);
        if (subjectId == None) return number;
        _nextReferrer[number] = _firstReferrer[subjectId];
        _firstReferrer[subjectId] = number;
        return number;
    }

    /// <summary>Adds something that the manifest names which was added last.</summary>
    public void AddReference(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash)
    {
        var id = _digests.Add(algorithm, hash);
        Widen();
        _references.Add(id);
    }

    /// <inheritdoc cref="AddReference(DigestAlgorithm, ReadOnlySpan{byte})"/>
    public void AddReference(Digest digest) => _references.Add(NumberOf(digest));

    public Digest DigestOf(int manifest) => _digests[_digestOf[manifest]];

    public Digest? SubjectOf(int manifest) => _subjectOf[manifest] is var id and not None ? _digests[id] : null;

    public string VersionOf(int manifest)
    {
        var end = manifest + 1 < Count ? _version[manifest + 1] : _versions.Count;
        Span<byte> bytes = stackalloc byte[end - _version[manifest]];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = _versions[_version[manifest] + i];
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Marks a manifest, and with it everything that it names and everything that refers to what is marked, over and over.</summary>
    public void Revive(Digest root)
    {
        if (_digests.Find(root) is var id and >= 0 && _manifestOf[id] is var manifest and not None) Revive(manifest);
    }

    /// <inheritdoc cref="Revive(Digest)"/>
    public void Revive(int root)
    {
        var open = new Stack<int>([root]);
        while (open.TryPop(out var manifest))
        {
            if (_live[manifest]) continue;
            _live[manifest] = true;
            for (var i = _first[manifest]; i < End(manifest); i++)
            {
                _named[_references[i]] = true;
                if (_manifestOf[_references[i]] is var child and not None) open.Push(child);
            }

            for (var referrer = _firstReferrer[_digestOf[manifest]]; referrer != None; referrer = _nextReferrer[referrer]) open.Push(referrer);
        }
    }

    /// <summary>Something outside of the graph names the digest: it is kept, and what it names if it is a manifest.</summary>
    public void Keep(Digest digest)
    {
        _named[NumberOf(digest)] = true;
        Revive(digest);
    }

    /// <summary>A number that stands for the digest in this graph, whatever it is of.</summary>
    public int NumberOf(Digest digest)
    {
        var id = _digests.Add(digest);
        Widen();
        return id;
    }

    public bool IsLive(int manifest) => _live[manifest];

    public bool IsLive(Digest digest) => _digests.Find(digest) is var id and >= 0 && _manifestOf[id] is var manifest and not None && _live[manifest];

    /// <summary>Whether a live manifest names the digest.</summary>
    public bool IsNamed(Digest digest) => _digests.Find(digest) is var id and >= 0 && _named[id];

    /// <summary>The manifests that are not live, each after those that name it or that it refers to.</summary>
    public ChunkedList<int> DeadParentsFirst()
    {
        // Depth first, each after all that it leads to, and then the other way round.
        var order = new ChunkedList<int>();
        var seen = new ChunkedList<bool>();
        for (var i = 0; i < Count; i++) seen.Add(false);
        for (var i = 0; i < Count; i++)
        {
            if (!_live[i]) Visit(i);
        }

        for (var (low, high) = (0, order.Count - 1); low < high; low++, high--) (order[low], order[high]) = (order[high], order[low]);
        return order;

        void Visit(int start)
        {
            if (seen[start]) return;
            seen[start] = true;
            var path = new Stack<(int Manifest, IEnumerator<int> Below)>([(start, Below(start).GetEnumerator())]);
            while (path.TryPeek(out var top))
            {
                if (!top.Below.MoveNext())
                {
                    order.Add(path.Pop().Manifest);
                }
                else if (!seen[top.Below.Current])
                {
                    seen[top.Below.Current] = true;
                    path.Push((top.Below.Current, Below(top.Below.Current).GetEnumerator()));
                }
            }
        }
    }

    private IEnumerable<int> Below(int manifest)
    {
        for (var i = _first[manifest]; i < End(manifest); i++)
        {
            if (_manifestOf[_references[i]] is var child and not None && child != manifest && !_live[child]) yield return child;
        }

        for (var referrer = _firstReferrer[_digestOf[manifest]]; referrer != None; referrer = _nextReferrer[referrer])
        {
            if (!_live[referrer]) yield return referrer;
        }
    }

    private int End(int manifest) => manifest + 1 < Count ? _first[manifest + 1] : _references.Count;

    private void Widen()
    {
        while (_manifestOf.Count < _digests.Count)
        {
            _manifestOf.Add(None);
            _firstReferrer.Add(None);
            _named.Add(false);
        }
    }
}
