using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>A manifest as the collector sees it.</summary>
/// <param name="Row">Its row as it was read.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Subject">What it refers to; null when it refers to nothing.</param>
/// <param name="References">Everything it names: blobs and children, and its own content where that is a blob.</param>
internal sealed record ManifestNode(TableRow Row, Digest Digest, Digest? Subject, IReadOnlyList<Digest> References);

/// <summary>The manifests of one repository and what they name.</summary>
internal sealed class ManifestGraph
{
    private readonly Dictionary<Digest, ManifestNode> _nodes;
    private readonly ILookup<Digest, ManifestNode> _referrers;
    private readonly HashSet<Digest> _live = [];

    public ManifestGraph(IEnumerable<ManifestNode> nodes)
    {
        _nodes = nodes.ToDictionary(n => n.Digest);
        _referrers = _nodes.Values.Where(n => n.Subject is not null).ToLookup(n => n.Subject!.Value);
    }

    /// <summary>How many manifests there are.</summary>
    public int Count => _nodes.Count;

    /// <summary>Marks a manifest, and with it everything that it names and everything that refers to what is marked, over and over.</summary>
    public void Revive(Digest root)
    {
        var open = new Stack<Digest>([root]);
        while (open.TryPop(out var digest))
        {
            if (!_nodes.TryGetValue(digest, out var node) || !_live.Add(digest)) continue;
            foreach (var reference in node.References) open.Push(reference);
            foreach (var referrer in _referrers[digest]) open.Push(referrer.Digest);
        }
    }

    public bool IsLive(Digest manifest) => _live.Contains(manifest);

    /// <summary>Everything that live manifests name.</summary>
    public HashSet<Digest> Named() => [.. _live.SelectMany(d => _nodes[d].References)];

    /// <summary>The manifests that are not live, each after those that name it or that it refers to.</summary>
    public IEnumerable<ManifestNode> DeadParentsFirst()
    {
        // Depth first, each after all that it leads to, and then the other way round.
        List<ManifestNode> order = [];
        HashSet<Digest> seen = [];
        foreach (var node in _nodes.Values.Where(n => !IsLive(n.Digest))) Visit(node);
        order.Reverse();
        return order;

        void Visit(ManifestNode start)
        {
            if (!seen.Add(start.Digest)) return;
            var path = new Stack<(ManifestNode Node, IEnumerator<ManifestNode> Next)>([(start, Below(start).GetEnumerator())]);
            while (path.TryPeek(out var top))
            {
                if (!top.Next.MoveNext())
                {
                    order.Add(path.Pop().Node);
                }
                else if (seen.Add(top.Next.Current.Digest))
                {
                    path.Push((top.Next.Current, Below(top.Next.Current).GetEnumerator()));
                }
            }
        }
    }

    private IEnumerable<ManifestNode> Below(ManifestNode node) =>
        node.References.Where(r => r != node.Digest && _nodes.ContainsKey(r)).Select(r => _nodes[r]).Concat(_referrers[node.Digest]).Where(n => !IsLive(n.Digest));
}
