namespace Serverless.Web.Settings;

/// <summary>Why a file that a setting names cannot be read, in words that repeat neither its name nor what is in it: somebody may have set a key instead of the file that holds it.</summary>
public static class FileProblem
{
    /// <summary>The reason, to follow "names a file ".</summary>
    public static string Describe(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "that is not there",
        UnauthorizedAccessException => "that this process may not read",
        _ => "that cannot be read",
    };

    /// <summary>Whether an exception is of those that a file brings about, by its name or by its place.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
