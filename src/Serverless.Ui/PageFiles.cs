using System.Collections.Frozen;

namespace Serverless.Ui;

/// <summary>The files of the page, as the build has made and embedded them.</summary>
public static class PageFiles
{
    /// <summary>The file that the page begins with.</summary>
    public const string Index = "index.html";

    private const string Prefix = "page/";

    private static readonly FrozenSet<string> s_names = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether there is a page: the build leaves it out where there is no Node.js.</summary>
    public static bool Exist => s_names.Contains(Index);

    /// <summary>The names of all files, relative to the page, with slashes. Each file is there three times: as it is, and with <c>.br</c> and <c>.gz</c> behind its name.</summary>
    public static IReadOnlyCollection<string> Names => s_names;

    /// <summary>Opens a file; null when there is none of that name.</summary>
    public static Stream? Open(string name) => s_names.Contains(name) ? typeof(PageFiles).Assembly.GetManifestResourceStream(Prefix + name) : null;
}
