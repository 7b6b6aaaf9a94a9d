using System.Net;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>The executable as people start it who have nothing but the executable.</summary>
public sealed class LocalStorageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_storage_it_keeps_everything_in_a_folder_of_its_working_directory_and_says_so()
    {
        await using (var server = await LocalServer.StartAsync(_folder))
        {
            await AssertPushAsync(server.Client, "v1");
            Assert.Contains($"No storage is set: everything is kept in {Path.Combine(_folder, ".registry")}; Registry:Storage:Path chooses another folder", server.Process.Output, StringComparison.Ordinal);
            Assert.Equal(0, await server.Process.TerminateAsync());
        }

        Assert.Equal([Path.Combine(_folder, ".registry")], Directory.EnumerateFileSystemEntries(_folder));
        // Whoever ends it in order leaves all rows in one file.
        Assert.Equal(["registry.db"], Directory.EnumerateFiles(Path.Combine(_folder, ".registry"), "registry.db*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_was_pushed_is_there_after_the_process_was_killed()
    {
        byte[] layer;
        await using (var server = await LocalServer.StartAsync(_folder, "--Registry:Storage:Path=images"))
        {
            layer = await AssertPushAsync(server.Client, "v1");
            Assert.Contains($"Everything is kept in {Path.Combine(_folder, "images")}", server.Process.Output, StringComparison.Ordinal);
            await server.Process.KillAsync();
        }

        await using var next = await LocalServer.StartAsync(_folder, "--Registry:Storage:Path=images");
        await AssertPullAsync(next.Client, "v1", layer);
        await AssertPushAsync(next.Client, "v2");
        using var health = await next.Client.SendAsync("GET", "/healthz");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Two_servers_work_on_one_folder()
    {
        await using var first = await LocalServer.StartAsync(_folder);
        await using var second = await LocalServer.StartAsync(_folder);
        var pushes = Enumerable.Range(0, 10).Select(i => AssertPushAsync((i % 2 == 0 ? first : second).Client, $"v{i}")).ToList();
        var layers = await Task.WhenAll(pushes);
        for (var i = 0; i < layers.Length; i++) await AssertPullAsync((i % 2 == 0 ? second : first).Client, $"v{i}", layers[i]);
        // An upload that one of them has begun goes on at the other.
        var content = RegistryClient.RandomBytes(100_000);
        var location = await first.Client.StartUploadAsync("app");
        using var chunk = await first.Client.SendAsync("PATCH", location, content[..60_000]);
        Assert.Equal(HttpStatusCode.Accepted, chunk.StatusCode);
        using var end = await second.Client.SendAsync("PUT", $"{chunk.Headers.Location}&digest={RegistryClient.DigestOf(content)}", content[60_000..]);
        Assert.Equal(HttpStatusCode.Created, end.StatusCode);
    }

    [Fact]
    public async Task Every_operation_of_both_ports_is_used_and_succeeds()
    {
        await using var server = await LocalServer.StartAsync(_folder, "--Registry:Uploads:BlockSize=65536");
        await AssertPushAsync(server.Client, "v1");
        var content = RegistryClient.RandomBytes(200_000);
        for (var time = 0; time < 2; time++)
        {
            var location = await server.Client.StartUploadAsync("app");
            using var chunk = await server.Client.SendAsync("PATCH", location, content[..100_000]);
            using var end = await server.Client.SendAsync("PUT", $"{chunk.Headers.Location}&digest={RegistryClient.DigestOf(content)}", content[100_000..]);
            Assert.Equal(HttpStatusCode.Created, end.StatusCode);
        }

        using var range = await server.Client.SendAsync("GET", $"/v2/app/blobs/{RegistryClient.DigestOf(content)}", null, null, ("Range", "bytes=150000-"));
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(content[150_000..], await range.Content.ReadAsByteArrayAsync());
        using var catalog = await server.Client.SendAsync("GET", "/v2/_catalog");
        Assert.Equal(HttpStatusCode.OK, catalog.StatusCode);
        Assert.Equal(0, await server.Process.TerminateAsync());

        await using var task = RegistryProcess.StartIn(_folder, ["--run-task", "Verify"]);
        Assert.Equal(0, await task.WaitForExitAsync());
        Assert.Contains("Verify: findings: 0, repaired: 0;", task.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_a_file_is_said_in_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "images"), "");
        await AssertRefusedAsync($"The folder {Path.Combine(_folder, "images")} cannot be written to", "--Registry:Storage:Path=images");
    }

    [Fact]
    public async Task A_database_that_is_something_else_is_said_in_one_line()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, ".registry")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "registry.db"), new string('x', 10_000));
        await AssertRefusedAsync(Path.Combine(folder, "registry.db"));
        Assert.Equal(10_000, new FileInfo(Path.Combine(folder, "registry.db")).Length);
    }

    [Fact]
    public async Task Two_kinds_of_storage_are_refused() => await AssertRefusedAsync(
        "Registry:Storage:Path is set, but other storage is set too; choose one.", "--Registry:Storage:Path=images", "--Registry:Storage:InMemory=true");

    private async Task AssertRefusedAsync(string expected, params string[] settings)
    {
        await using var process = RegistryProcess.StartIn(_folder, ["--urls", "http://127.0.0.1:0", .. settings]);
        Assert.Equal(1, await process.WaitForExitAsync());
        var output = process.Output;
        Assert.Contains("The registry cannot start:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Contains(output.Split('\n'), line => line.StartsWith("  - ", StringComparison.Ordinal) && line.Contains(expected, StringComparison.Ordinal));
    }

    private static async Task<byte[]> AssertPushAsync(RegistryClient client, string tag)
    {
        var layer = RegistryClient.RandomBytes(100_000);
        var digest = await client.PushBlobAsync("app", layer);
        var manifest = await client.PrepareImageAsync("app", layers: 1, image => image.Append(new Descriptor(MediaTypes.OciLayerGzip, digest, layer.Length)));
        using var pushed = await client.PutManifestAsync("app", tag, manifest);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        await AssertPullAsync(client, tag, layer);
        return layer;
    }

    private static async Task AssertPullAsync(RegistryClient client, string tag, byte[] layer)
    {
        using var manifest = await client.SendAsync("GET", $"/v2/app/manifests/{tag}");
        Assert.Equal(HttpStatusCode.OK, manifest.StatusCode);
        Assert.Equal(manifest.Headers.GetValues("Docker-Content-Digest").Single(), RegistryClient.DigestOf(await manifest.Content.ReadAsByteArrayAsync()).ToString());
        using var blob = await client.SendAsync("GET", $"/v2/app/blobs/{RegistryClient.DigestOf(layer)}");
        Assert.Equal(HttpStatusCode.OK, blob.StatusCode);
        Assert.Equal(layer, await blob.Content.ReadAsByteArrayAsync());
    }
}
