using System.Collections.Concurrent;

namespace Serverless.LocalStorage.Objects;

/// <summary>
/// The folders of objects, which are made when first needed and never removed. Whoever finds one cannot tell whether its maker, another process or a request of this one, has come so far
/// as to make it survive; so each process does it once for each.
/// </summary>
/// <param name="root">The folder that all are in, which survives.</param>
internal sealed class ObjectFolders(string root)
{
    // Registries have 256.
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>Sees to it that a folder is there, and survives.</summary>
    public void Demand(string path)
    {
        if (path == root || _known.ContainsKey(path)) return;
        var parent = Path.GetDirectoryName(path)!;
        Demand(parent);
        Disk.MakeFolder(path);
        Disk.SyncFolder(parent);
        if (_known.Count >= MaxKnown) _known.Clear();
        _known[path] = true;
    }
}
