using System.Text;

namespace Serverless.LocalStorage.Objects;

/// <summary>Objects are files of their own names below a folder; <c>/</c> parts folders.</summary>
internal sealed class ObjectNames(string root)
{
    // Of a folder or a file, in bytes of UTF-8, on all file systems that matter.
    private const int MaxPart = 255;

    /// <summary>The folder that all are in.</summary>
    public string Root { get; } = root;

    /// <summary>The file of an object.</summary>
    /// <exception cref="ArgumentException">No file can have this name, or one outside of the folder would.</exception>
    public string FileOf(string name)
    {
        var parts = name.Split('/');
        if (parts.Any(p => p is "" or "." or ".." || p.AsSpan().ContainsAny('\0', '\\') || Encoding.UTF8.GetByteCount(p) > MaxPart)) throw new ArgumentException($"'{name}' can be no object's name.", nameof(name));
        return Path.Combine([Root, .. parts]);
    }

    /// <summary>The objects below a prefix, in the order of their names. Those that come or go meanwhile may be among them or not.</summary>
    public IEnumerable<(string Name, FileInfo File)> List(string prefix) => List(new DirectoryInfo(Root), "", prefix);

    private static IEnumerable<(string Name, FileInfo File)> List(DirectoryInfo folder, string above, string prefix)
    {
        List<(string Name, FileSystemInfo Info)> entries = [];
        try
        {
            foreach (var info in folder.EnumerateFileSystemInfos())
            {
                // A folder sorts where the names of its objects do.
                var name = above + info.Name + (info is DirectoryInfo ? "/" : "");
                if (name.StartsWith(prefix, StringComparison.Ordinal) || (info is DirectoryInfo && prefix.StartsWith(name, StringComparison.Ordinal))) entries.Add((name, info));
            }
        }
        catch (DirectoryNotFoundException)
        {
            yield break;
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var (name, info) in entries)
        {
            if (info is FileInfo file) yield return (name, file);
            else foreach (var below in List((DirectoryInfo)info, name, prefix)) yield return below;
        }
    }
}
