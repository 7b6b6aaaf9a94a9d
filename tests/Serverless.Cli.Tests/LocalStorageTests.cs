using System.Buffers;
using System.IO.Pipelines;
using Serverless.LocalStorage;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>The executable on a folder of this machine, where others work at the same time.</summary>
public sealed class LocalStorageTests : IDisposable
{
    private const string Password = "correct horse battery staple";

    private readonly string _folder = Directory.CreateTempSubdirectory("registry-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_storage_and_without_its_folder_it_is_refused_and_makes_none()
    {
        var run = await RunAsync("", "users", "list");
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.Contains($"No storage is set, and there is no folder {Path.Combine(_folder, ".registry")}. Set Registry:Storage:Path", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Without_storage_the_folder_of_a_server_beside_it_is_used_and_said()
    {
        using var server = LocalStores.Open(Path.Combine(_folder, ".registry"), TimeProvider.System);
        Assert.Equal(ExitCode.Done, (await RunAsync(Password, "users", "add", "alice")).Code);
        Assert.Equal(new CliRun(ExitCode.Done, "alice\tactive\t-\t-\n", $"No storage is set: using {Path.Combine(_folder, ".registry")}.\n"), await RunAsync("", "users", "list"));
        Assert.NotNull(await new AccountStore(server.Tables, TimeProvider.System).FindAsync(AccountName.Parse("alice"), default));
    }

    [Fact]
    public async Task Tool_and_server_write_to_one_folder_at_once_and_lose_nothing()
    {
        var path = Path.Combine(_folder, "images");
        using var server = LocalStores.Open(path, TimeProvider.System);
        var accounts = new AccountStore(server.Tables, TimeProvider.System);
        var hash = PasswordHashes.Hash(Password);
        var servers = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) Assert.True(await accounts.AddAsync(new Account { Name = AccountName.Parse($"server-{i}"), PasswordHashes = [hash, null] }, default));
        });
        var tools = Enumerable.Range(0, 3).Select(i => RunAsync(Password, "users", "add", $"tool-{i}", "--set", "Storage:Path=" + path)).ToList();
        await servers;
        Assert.All(await Task.WhenAll(tools), run => Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out)));
        var listed = await RunAsync("", "users", "list", "--set", "Storage:Path=" + path);
        Assert.Equal("", listed.Error);
        Assert.Equal(203, listed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_backup_of_a_folder_that_a_server_has_open_is_restored_into_another()
    {
        using var server = LocalStores.Open(Path.Combine(_folder, "images"), TimeProvider.System);
        var app = AppIn(server);
        var layer = await app.Blobs.PutAsync(PipeReader.Create(new ReadOnlySequence<byte>(new byte[20 * 1024 * 1024])), null, default);
        var manifest = ManifestBuilder.ForImage(layer with { MediaType = MediaTypes.OciConfig }).Build();
        await app.Manifests.PutAsync(manifest, [Tag.Parse("v1")], default);

        var archive = Path.Combine(_folder, "archive");
        Assert.Equal(ExitCode.Done, (await RunAsync("", "backup", archive, "--set", "Storage:Path=images")).Code);
        var restored = await RunAsync("", "restore", archive, "--set", "Storage:Path=restored");
        Assert.Equal((ExitCode.Done, ""), (restored.Code, restored.Out));
        using var other = LocalStores.Open(Path.Combine(_folder, "restored"), TimeProvider.System);
        Assert.Equal(manifest.Digest, (await AppIn(other).Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        (await StoreAudit.ReadAsync((other.Tables, other.Objects))).AssertSound();
    }

    [Fact]
    public async Task A_registry_moves_from_one_folder_into_another()
    {
        using var server = LocalStores.Open(Path.Combine(_folder, "images"), TimeProvider.System);
        var app = AppIn(server);
        var layer = await app.Blobs.PutAsync(PipeReader.Create(new ReadOnlySequence<byte>(new byte[20 * 1024 * 1024])), null, default);
        var manifest = ManifestBuilder.ForImage(layer with { MediaType = MediaTypes.OciConfig }).Build();
        await app.Manifests.PutAsync(manifest, [Tag.Parse("v1")], default);

        var run = await RunAsync("", "move", "--to", "moved", "--set", "Storage:Path=images");
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out));
        Assert.Contains("1 of them sent, 20971520 bytes", run.Error, StringComparison.Ordinal);
        using var other = LocalStores.Open(Path.Combine(_folder, "moved"), TimeProvider.System);
        Assert.Equal(manifest.Digest, (await AppIn(other).Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        (await StoreAudit.ReadAsync((other.Tables, other.Objects))).AssertSound();
        Assert.Contains("1 blobs, 0 of them sent", (await RunAsync("", "move", "--to", "moved", "--set", "Storage:Path=images")).Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await RunAsync("", "move", "--to", Path.Combine(_folder, "images", "registry.db"), "--set", "Storage:Path=images")).Code);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_said_in_words()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        var run = await RunAsync("", "users", "list", "--set", "Storage:Path=" + Path.Combine(_folder, "file"));
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.Contains(Path.Combine(_folder, "file"), run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private static Repository AppIn(LocalStores stores) =>
        new ContainerRegistry(stores.Tables, stores.Objects, new RegistryOptions(), TimeProvider.System).GetRepository(RepositoryName.Parse("team/app"));

    private Task<CliRun> RunAsync(string input, params string[] args) => ToolProcess.RunAsync(_folder, [], input, args);
}
