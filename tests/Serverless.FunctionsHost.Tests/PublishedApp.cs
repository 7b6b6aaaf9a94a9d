using System.Runtime.InteropServices;
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
        await Publishing.RunAsync(Path.Combine("src", "Serverless.Functions"), Folder, Path.Combine(_temporary, "artifacts"), "-r", RuntimeInformation.RuntimeIdentifier);
    }

    public Task DisposeAsync()
    {
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
        return Task.CompletedTask;
    }
}
