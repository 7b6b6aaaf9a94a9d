using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class BackupCommandTests : CliTest, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private Repository App => new ContainerRegistry(Stores.Tables, Stores.Objects, new RegistryOptions(), Time).GetRepository(RepositoryName.Parse("team/app"));

    [Fact]
    public async Task From_a_backup_everything_that_was_deleted_comes_back()
    {
        var digest = await PushAsync("1", "v1");
        await AddUserAsync("ann");
        var taken = await RunAsync("backup", _folder.FullName);
        Assert.Equal((0, ""), (taken.Code, taken.Out));
        Assert.Equal(
            "The backup 20260101T000000Z: 1 repositories, 1 manifests, 1 tags and 1 blobs, 1 of them copied, 2 bytes, 0 things missing, 0 repositories not done.\n", taken.Error);
        Assert.StartsWith("20260101T000000Z\t2026-01-01T00:00:00Z\t1\t", (await RunAsync("backups", _folder.FullName)).Out, StringComparison.Ordinal);
        await App.Manifests.DeleteAsync(digest, default);
        await Accounts.DeleteAsync(AccountName.Parse("ann"), default);
        var restored = await RunAsync("restore", _folder.FullName);
        Assert.Equal((0, ""), (restored.Code, restored.Out));
        Assert.Contains("is restored: 1 repositories, 1 manifests, 1 tags and 1 blobs, 0 of them sent", restored.Error, StringComparison.Ordinal);
        Assert.Equal(digest, (await App.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        Assert.Null(await Accounts.FindAsync(AccountName.Parse("ann"), default));
        Assert.Equal(0, (await RunAsync("restore", _folder.FullName, "--accounts", "--repository", "team/app", "--backup", "20260101T000000Z")).Code);
        await GetAsync("ann");
    }

    [Fact]
    public async Task Old_backups_are_not_kept_for_ever()
    {
        await PushAsync("1", "v1");
        for (var i = 0; i < 3; i++)
        {
            Time.Advance(TimeSpan.FromDays(1));
            Assert.Equal(0, (await RunAsync("backup", _folder.FullName, "--keep", "2", "--quiet")).Code);
        }

        Assert.Equal(["20260103T000000Z", "20260104T000000Z"], (await RunAsync("backups", _folder.FullName)).Out.Split('\n').Where(l => l.Length > 0).Select(l => l.Split('\t')[0]));
    }

    [Fact]
    public async Task What_is_missing_is_a_line_and_an_exit_code()
    {
        await PushAsync("1", "v1");
        await App.Blobs.DeleteAsync(Digest.Compute(DigestAlgorithm.Sha256, "{}"u8), default);
        var taken = await RunAsync("backup", _folder.FullName);
        Assert.Equal(1, taken.Code);
        Assert.Equal($"team/app\t{Digest.Compute(DigestAlgorithm.Sha256, "{}"u8)}\tneither a manifest nor a blob of the repository\n", taken.Out);
    }

    [Theory]
    [InlineData(2, "backup")]
    [InlineData(2, "backup", "http://example.com/container")]
    [InlineData(2, "backup", "https://account.blob.core.windows.net/container/blob?sig=secret")]
    [InlineData(2, "backup", "FOLDER", "--keep", "0")]
    [InlineData(2, "restore", "FOLDER", "--repository", "Team")]
    [InlineData(1, "restore", "FOLDER")]
    [InlineData(1, "restore", "FOLDER", "--backup", "20200101T000000Z")]
    [InlineData(1, "backup", "/dev/null/folder")]
    public async Task What_cannot_be_done_is_said(int code, params string[] args)
    {
        var run = await RunAsync([.. args.Select(a => a == "FOLDER" ? _folder.FullName : a)]);
        Assert.Equal((code, ""), (run.Code, run.Out));
        Assert.NotEqual("", run.Error);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<Digest> PushAsync(string seed, string tag)
    {
        var config = await App.Blobs.PutAsync("{}"u8.ToArray(), default);
        var builder = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig });
        builder.Annotations["seed"] = seed;
        var manifest = builder.Build();
        await App.Manifests.PutAsync(manifest, [Tag.Parse(tag)], default);
        return manifest.Digest;
    }
}
