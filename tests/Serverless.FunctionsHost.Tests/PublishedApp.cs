using System.Text.Json.Nodes;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>
/// The folder that is deployed: the one that the variable PUBLISHED_WORKER names, else one that is published for the tests, in a temporary folder with all that the build
/// makes, so that it gets in nobody's way.
/// </summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private readonly List<string> _copies = [];
    private string? _temporary;

    /// <summary>The folder with host.json.</summary>
    public string Folder { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("PUBLISHED_WORKER") is { Length: > 0 } published)
        {
            Folder = Path.GetFullPath(published);
            return;
        }

        _temporary = Directory.CreateTempSubdirectory("published-").FullName;
        Folder = Path.Combine(_temporary, "app");
        await Publishing.RunAsync(Path.Combine("src", "Serverless.Functions"), Folder, Path.Combine(_temporary, "artifacts"));
    }

    /// <summary>A copy whose host.json puts a prefix before every route: the host reads it nowhere else.</summary>
    public string WithPrefix(string prefix)
    {
        var copy = Directory.CreateTempSubdirectory("prefixed-").FullName;
        _copies.Add(copy);
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var hostFile = Path.Combine(copy, "host.json");
        var json = JsonNode.Parse(File.ReadAllText(hostFile))!;
        json["extensions"]!["http"]!["routePrefix"] = prefix;
        File.WriteAllText(hostFile, json.ToJsonString());
        return copy;
    }

    public Task DisposeAsync()
    {
        foreach (var copy in _copies) Directory.Delete(copy, recursive: true);
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
        return Task.CompletedTask;
    }
}
