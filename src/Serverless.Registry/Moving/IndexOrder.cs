using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>Which manifests of a repository are indexes of others, as <c>d:</c> tells before the manifests come: those are written after what they name, and deleted before it.</summary>
internal sealed class IndexOrder
{
    private readonly Dictionary<Digest, List<Digest>> _children = [];

    /// <summary>Adds what a row of any kind tells.</summary>
    public void Add(RowKey key)
    {
        if (!key.Row.StartsWith(TableKeys.PointerPrefix, StringComparison.Ordinal)) return;
        try
        {
            var (child, name) = TableKeys.PointerParts(key);
            if (!Digest.TryParse(name, out var index)) return;
            if (_children.TryGetValue(index, out var children)) children.Add(child);
            else _children[index] = [child];
        }
        catch (FormatException)
        {
            // A newer release's. It is moved like any row.
        }
    }

    /// <summary>Whether a manifest names others.</summary>
    public bool IsIndex(Digest digest) => _children.ContainsKey(digest);

    /// <summary>Manifests in an order in which each comes after those that it names.</summary>
    public IReadOnlyList<Digest> Sort(IReadOnlyCollection<Digest> manifests)
    {
        var left = manifests.ToHashSet();
        List<Digest> sorted = [];
        var open = new Stack<(Digest Digest, int Child)>();
        foreach (var manifest in manifests)
        {
            if (left.Remove(manifest)) open.Push((manifest, 0));
            // Without recursion: whoever pushes chooses how deep indexes are.
            while (open.TryPop(out var top))
            {
                var children = _children.GetValueOrDefault(top.Digest);
                if (children is null || top.Child == children.Count)
                {
                    sorted.Add(top.Digest);
                    continue;
                }

                open.Push(top with { Child = top.Child + 1 });
                if (left.Remove(children[top.Child])) open.Push((children[top.Child], 0));
            }
        }

        return sorted;
    }

    /// <summary>Forgets a repository.</summary>
    public void Clear() => _children.Clear();
}
