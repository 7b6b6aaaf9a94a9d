using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Serverless.Testing;

/// <summary>
/// The floors of a house: the folders of an assembly, which are the namespaces below its root, each on a floor. Folders below a folder belong to it. A folder
/// refers only to folders on lower floors; so no two refer to each other.
/// <code>
///   Floors.Violations(assembly, "Serverless.Registry", [".", "Manifests", "Tags  Blobs", "Oci"])
///
///     .               the types of the root namespace itself
///     Manifests
///     Tags  Blobs     on one floor: neither refers to the other
///     Oci
/// </code>
/// It reads what was compiled. A constant is compiled into whoever uses it and leaves no trace of where it came from, and a comment leaves none either.
/// </summary>
public static class Floors
{
    private const string Root = ".";

    /// <summary>What does not fit the picture, in words, in order; empty when all does.</summary>
    /// <param name="assembly">The house.</param>
    /// <param name="root">Its root namespace.</param>
    /// <param name="floors">The floors from top to bottom; names on one floor are separated by spaces.</param>
    public static IReadOnlyList<string> Violations(Assembly assembly, string root, IReadOnlyList<string> floors)
    {
        var heights = floors.SelectMany((floor, depth) => floor.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(folder => (folder, -depth)))
            .ToDictionary(f => f.folder, f => f.Item2);
        var types = new ArchLoader().LoadAssembly(assembly).Build().Types.Where(t => Folder(t, root) is not null).ToList();
        var folders = types.Select(t => Folder(t, root)!).ToHashSet();
        var unknown = folders.Where(f => !heights.ContainsKey(f)).Select(f => $"{root}.{f} is on no floor");
        var empty = heights.Keys.Where(f => !folders.Contains(f)).Select(f => $"{root}.{f} has a floor and no types");
        var uses =
            from type in types
            let folder = Folder(type, root)
            from target in type.Dependencies.Select(d => d.Target).Distinct()
            let below = Folder(target, root)
            where below is not null && below != folder && heights.GetValueOrDefault(below, int.MaxValue) >= heights.GetValueOrDefault(folder, int.MinValue)
            select $"{Name(type)} uses {Name(target)}";
        return [.. unknown.Concat(empty).Concat(uses).Distinct().Order(StringComparer.Ordinal)];
    }

    // The first name after the root; null for a type of somebody else's, and for what the compiler makes outside of all namespaces.
    private static string? Folder(IType type, string root)
    {
        var name = Name(type);
        var space = name.LastIndexOf('.') is var end and > 0 ? name[..end] : "";
        if (space == root) return Root;
        return space.StartsWith(root + '.', StringComparison.Ordinal) ? space[(root.Length + 1)..].Split('.')[0] : null;
    }

    // A type within a type, and what the compiler makes of a lambda or of an async method, is the outermost type's.
    private static string Name(IType type) => type.FullName.Split('+', '/', '<', '`')[0];
}
