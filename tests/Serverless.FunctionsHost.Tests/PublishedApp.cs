using System.Diagnostics;
using System.Runtime.InteropServices;
using Serverless.Testing;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>
/// The folder that is deployed: the one that the variable PUBLISHED names, else one that is published for the tests, in a temporary folder with all that the build
/// makes, so that it gets in nobody's way.
/// </summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private string? _temporary;

    /// <summary>The folder with host.json.</summary>
    public string Folder { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("PUBLISHED") is { Length: > 0 } published)
        {
            Folder = Path.GetFullPath(published);
            return;
        }

        _temporary = Directory.CreateTempSubdirectory("published-").FullName;
        Folder = Path.Combine(_temporary, "app");
        await RunAsync(
            "dotnet", "publish", Path.Combine(SourceTree.Root, "src", "Serverless.Functions"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier,
            "--artifacts-path", Path.Combine(_temporary, "artifacts"), "-o", Folder, "--nologo", "-v", "quiet");
    }

    public Task DisposeAsync()
    {
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
        return Task.CompletedTask;
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, WorkingDirectory = SourceTree.Root })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} {arguments[0]} failed: {output}");
    }
}
