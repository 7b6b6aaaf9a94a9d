using System.Diagnostics;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>
/// The executable that is tested: the native one in the folder that the variable PUBLISHED_SERVER names, else the one that was built. A run of the latter proves nothing
/// of the former, so CI always names it.
/// </summary>
internal static class ServerExecutable
{
    private static readonly string? s_published = Environment.GetEnvironmentVariable("PUBLISHED_SERVER") is { Length: > 0 } folder ? Path.GetFullPath(Path.Combine(folder, "Serverless.Server")) : null;

    /// <summary>Whether it is the native one.</summary>
    public static bool IsNative => s_published is not null;

    public static ProcessStartInfo Start(IEnumerable<string> args)
    {
        var start = s_published is { } native ? new ProcessStartInfo(native, args) : new ProcessStartInfo("dotnet", [typeof(ServerApp).Assembly.Location, .. args]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return start;
    }
}

public sealed class ServerExecutableTests
{
    [Fact]
    public void In_CI_the_native_executable_is_tested() => Assert.True(ServerExecutable.IsNative || Environment.GetEnvironmentVariable("CI") != "true", "PUBLISHED_SERVER is not set.");
}
