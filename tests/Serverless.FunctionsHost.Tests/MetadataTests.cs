using System.Text.Json.Nodes;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>functions.metadata and the worker must be of one build.</summary>
[Collection(FixtureCollection.Name)]
public sealed class MetadataTests(PublishedFixture fixture)
{
    [Fact]
    public async Task A_function_that_the_worker_has_and_the_folder_has_not_is_refused()
    {
        var copy = Directory.CreateTempSubdirectory("copy-");
        try
        {
            foreach (var file in Directory.GetFiles(fixture.Folder, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy.FullName, Path.GetRelativePath(fixture.Folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            var metadata = Path.Combine(copy.FullName, "functions.metadata");
            var functions = JsonNode.Parse(await File.ReadAllTextAsync(metadata))!.AsArray();
            functions.Remove(functions.Single(f => f!["name"]!.GetValue<string>() == "Hang"));
            await File.WriteAllTextAsync(metadata, functions.ToJsonString());
            var e = await Assert.ThrowsAsync<HostRefusesException>(() => FixtureHost.StartAsync(copy.FullName, []));
            Assert.Contains("The worker reports the functions Count, Drip, Echo, Fail, Hang,", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }
}
