using System.Diagnostics;

namespace Serverless.Testing;

/// <summary>
/// The executable that is tested: the native one in the folder that the variable PUBLISHED_SERVER names, else the one that was built along with the tests. A run of the latter proves
/// nothing of the former, so CI always names it.
/// </summary>
public static class ServerExecutable
{
    private static readonly string? s_published = Environment.GetEnvironmentVariable("PUBLISHED_SERVER") is { Length: > 0 } folder ? Path.GetFullPath(Path.Combine(folder, "Serverless.Server")) : null;

    /// <summary>Whether it is the native one.</summary>
    public static bool IsNative => s_published is not null;

    /// <summary>How it is started, with what it prints redirected.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> args)
    {
        var start = s_published is { } native ? new ProcessStartInfo(native, args) : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Serverless.Server.dll"), .. args]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return start;
    }
}
