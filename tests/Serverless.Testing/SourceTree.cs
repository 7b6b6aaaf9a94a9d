namespace Serverless.Testing;

/// <summary>The sources that the tests were built from.</summary>
public static class SourceTree
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln"))) folder = folder.Parent ?? throw new DirectoryNotFoundException("Serverless.sln");
        return folder.FullName;
    }
}
