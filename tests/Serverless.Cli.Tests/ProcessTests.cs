using System.Buffers;
using System.IO.Pipelines;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Serverless.AzureStorage;
using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>The executable in a process of its own, on Azurite.</summary>
public sealed class ProcessTests(AzuriteServer azurite) : IClassFixture<AzuriteServer>
{
    private readonly AzureStorageOptions _storage = azurite.NewOptions();

    [Fact]
    public async Task From_an_empty_registry_to_a_robot_with_two_passwords()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync("", "scopes", "set", "team", "team/*:pull,push")).Code);
        var added = await RunAsync("correct horse\n", "users", "add", "alice", "--scope", "team");
        Assert.Equal((ExitCode.Done, ""), (added.Code, added.Out));
        Assert.Equal(ExitCode.Refused, (await RunAsync("other\n", "users", "add", "alice")).Code);
        Assert.Equal(new CliRun(ExitCode.Done, "alice\tactive\tteam\t-\n", ""), await RunAsync("", "users", "list"));

        var first = (await RunAsync("", "robots", "add", "ci", "--scope", "team", "--expires", "90d")).Out.TrimEnd();
        var second = (await RunAsync("", "robots", "rotate", "ci")).Out.TrimEnd();
        var third = (await RunAsync("", "robots", "rotate", "ci")).Out.TrimEnd();
        Assert.True(await FitsAsync("alice", "correct horse"));
        Assert.False(await FitsAsync("ci", first));
        Assert.True(await FitsAsync("ci", second));
        Assert.True(await FitsAsync("ci", third));
    }

    [Fact]
    public async Task A_backup_to_a_container_of_another_account_is_restored_to_an_empty_registry()
    {
        var (tables, objects) = AzureStores.Create(_storage, TimeProvider.System);
        var app = new ContainerRegistry(tables, objects, new RegistryOptions(), TimeProvider.System).GetRepository(RepositoryName.Parse("team/app"));
        var layer = await app.Blobs.PutAsync(PipeReader.Create(new ReadOnlySequence<byte>(new byte[20 * 1024 * 1024])), null, default);
        var manifest = ManifestBuilder.ForImage(layer with { MediaType = MediaTypes.OciConfig }).Build();
        await app.Manifests.PutAsync(manifest, [Tag.Parse("v1")], default);

        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("archive" + Guid.NewGuid().ToString("N"));
        await container.CreateAsync();
        var address = container.GenerateSasUri(BlobContainerSasPermissions.All, TimeProvider.System.GetUtcNow().AddHours(1)).ToString();
        for (var i = 0; i < 2; i++) Assert.Equal(ExitCode.Done, (await RunAsync("", "backup", address)).Code);
        Assert.Equal(2, (await RunAsync("", "backups", address)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var other = azurite.NewOptions();
        var restored = await RunAsync("", "restore", address, "--set", $"Storage:Container={other.ContainerName}", "--set", $"Storage:TablePrefix={other.TablePrefix}");
        Assert.Equal((ExitCode.Done, ""), (restored.Code, restored.Out));
        (tables, objects) = AzureStores.Create(other, TimeProvider.System);
        app = new ContainerRegistry(tables, objects, new RegistryOptions(), TimeProvider.System).GetRepository(RepositoryName.Parse("team/app"));
        Assert.Equal(manifest.Digest, (await app.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        (await StoreAudit.ReadAsync((tables, objects))).AssertSound();
        Assert.DoesNotContain("sig=", (await RunAsync("", "restore", address, "--backup", "none")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_usage_and_bad_settings_have_an_exit_code_of_their_own()
    {
        Assert.Equal(ExitCode.Usage, (await RunAsync("", "users", "add", "a/b")).Code);
        var run = await RunAsync("", "users", "list", "--set", "Storage:Container=A");
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private async Task<bool> FitsAsync(string name, string password)
    {
        var accounts = new AccountStore(AzureStores.Create(_storage, TimeProvider.System).Tables, TimeProvider.System);
        var account = Assert.IsType<Account>(await accounts.FindAsync(AccountName.Parse(name), CancellationToken.None));
        return account.IsRobot ? RobotPassword.Fits(account, password) : PasswordHashes.Verify(account.PasswordHashes[0], password);
    }

    private Task<CliRun> RunAsync(string input, params string[] args) => ToolProcess.RunAsync(
        null,
        [("Registry__Storage__ConnectionString", _storage.ConnectionString!), ("Registry__Storage__Container", _storage.ContainerName), ("Registry__Storage__TablePrefix", _storage.TablePrefix)],
        input,
        args);
}
