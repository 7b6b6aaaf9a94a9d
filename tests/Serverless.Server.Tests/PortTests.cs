using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>What a native executable can do with storage is only known once it has done it.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class PortTests(AzuriteServer azurite)
{
    // The lists and the signatures are not among what is counted; they are looked for by what comes of them.
    private static readonly string[] s_operations =
        ["tables find", "tables query", "tables write", "tables batch", "objects put", "objects stage", "objects commit", "objects find", "objects open", "objects delete"];

    [Fact]
    public async Task Every_operation_of_both_ports_is_used_and_succeeds()
    {
        var storage = azurite.NewOptions();
        await using var registry = await ProcessClient.StartAsync(storage, "--Registry:Uploads:BlockSize=65536");
        // put, batch, write, find
        using var pushed = await registry.PutManifestAsync("app", "v1", await registry.PrepareImageAsync("app"));
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        // stage, commit; and delete of bytes that turn out to be there already
        var content = RegistryClient.RandomBytes(200_000);
        var digest = RegistryClient.DigestOf(content);
        for (var time = 0; time < 2; time++)
        {
            var location = await registry.StartUploadAsync("app");
            using var chunk = await registry.SendAsync("PATCH", location, content[..100_000]);
            Assert.Equal(HttpStatusCode.Accepted, chunk.StatusCode);
            using var end = await registry.SendAsync("PUT", $"{chunk.Headers.Location}&digest={digest}", content[100_000..]);
            Assert.Equal(HttpStatusCode.Created, end.StatusCode);
        }

        // query
        using var catalog = await registry.SendAsync("GET", "/v2/_catalog");
        Assert.Equal(HttpStatusCode.OK, catalog.StatusCode);
        // open, for a range that storage does not know
        using var suffix = await registry.SendAsync("GET", $"/v2/app/blobs/{digest}", null, null, ("Range", "bytes=-100"));
        Assert.Equal(content[^100..], await suffix.Content.ReadAsByteArrayAsync());
        // sign
        using var redirect = await registry.SendAsync("GET", $"/v2/app/blobs/{digest}");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, redirect.StatusCode);
        using var storageClient = new HttpClient();
        Assert.Equal(content, await storageClient.GetByteArrayAsync(redirect.Headers.Location));
        // find
        using var health = await registry.SendAsync("GET", "/healthz");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        using var metrics = await registry.SendAsync("GET", "/metrics");
        var lines = (await metrics.Content.ReadAsStringAsync()).Split('\n').Where(l => l.StartsWith("registry_storage_call_duration_seconds_count{", StringComparison.Ordinal)).ToList();
        Assert.All(lines, l => Assert.Contains("\"answered\"", l, StringComparison.Ordinal));
        Assert.Equal([], s_operations.Where(o => !lines.Exists(l => o.Split(' ').All(word => l.Contains($"\"{word}\"", StringComparison.Ordinal)))));
        // list
        await AssertVerifiedAsync(storage.ConnectionString!, storage.ContainerName, storage.TablePrefix);
    }

    private static async Task AssertVerifiedAsync(string connectionString, string container, string tablePrefix)
    {
        await using var task = RegistryProcess.Start(
            ["--run-task", "Verify"], ("Registry__Storage__ConnectionString", connectionString), ("Registry__Storage__Container", container), ("Registry__Storage__TablePrefix", tablePrefix));
        Assert.Equal(0, await task.WaitForExitAsync());
        Assert.Contains("Verify: findings: 0, repaired: 0; objects: 4", task.Output, StringComparison.Ordinal);
    }
}
