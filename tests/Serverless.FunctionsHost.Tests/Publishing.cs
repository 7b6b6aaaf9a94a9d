using System.Diagnostics;
using Serverless.Testing;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Publishes a project of this repository, out of the way of what builds it.</summary>
internal static class Publishing
{
    /// <param name="project">The project's folder, from the root of the repository.</param>
    /// <param name="folder">Where the published files go.</param>
    /// <param name="artifacts">Where all that the build makes goes.</param>
    /// <param name="more">Further arguments.</param>
    public static async Task RunAsync(string project, string folder, string artifacts, params string[] more)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["publish", Path.Combine(SourceTree.Root, project), "-c", "Release", "--artifacts-path", artifacts, "-o", folder, "--nologo", "-v", "quiet", .. more])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = SourceTree.Root,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"Publishing {project} failed: {output}");
    }
}
