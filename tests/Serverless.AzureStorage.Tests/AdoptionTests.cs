using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Serverless.Registry;
using Serverless.Registry.Adoption;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>What distribution's azure driver writes, on real stores: append blobs, and in release 2 names that begin with a slash.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class AdoptionTests
{
    private static readonly byte[] s_layer = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];

    private readonly AzureStorageOptions _account;
    private readonly ITableStore _tables;
    private readonly IObjectStore _objects;
    private readonly ContainerRegistry _registry;

    public AdoptionTests(AzuriteServer azurite)
    {
        _account = azurite.NewOptions();
        (_tables, _objects) = AzureStores.Create(_account, TimeProvider.System);
        var moment = TimeSpan.FromMilliseconds(1);
        var options = new RegistryOptions { Grace = 2 * moment, UploadLifetime = moment, LongestRequest = moment, AnnouncementMemory = TimeSpan.Zero };
        _registry = new ContainerRegistry(_tables, _objects, options, TimeProvider.System);
    }

    private Repository App => _registry.GetRepository(RepositoryName.Parse("team/app"));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("prod/images/")]
    public async Task Adopted_blobs_are_read_signed_collected_and_pushed_again(string root)
    {
        var there = new DistributionStorage(_objects, root);
        var image = await there.PutImageAsync("team/app", "1", [s_layer], "v1");
        var layer = image.Content.Blobs[1].Digest;
        await PutAppendBlobAsync(there.DataOf(layer));
        var progress = await AdoptAsync(root);
        Assert.Equal((2L, 0L), (progress.Blobs, progress.Copied));
        Assert.Empty(await _objects.ListAsync(TableKeys.ObjectPrefix, default).ToListAsync());

        var blob = await App.Blobs.FindAsync(layer, default);
        Assert.Equal(s_layer, await blob!.GetBytesAsync(default));
        using var client = new HttpClient();
        Assert.Equal(s_layer, await client.GetByteArrayAsync(await blob.SignReadAsync(TimeSpan.FromMinutes(1), default)));
        await AssertWholeAsync();

        await App.Manifests.DeleteAsync(image.Digest, default);
        await CollectAsync();
        Assert.Null(await _objects.FindAsync(there.DataOf(layer), default));

        await PutAppendBlobAsync(there.DataOf(layer));
        await there.PutImageAsync("team/app", "1", [], "other");
        progress = await AdoptAsync(root);
        Assert.Equal((0L, 2L), (progress.Blobs, progress.Copied));
        Assert.Equal(s_layer, await (await App.Blobs.FindAsync(layer, default))!.GetBytesAsync(default));
        await AssertWholeAsync();
        await App.Blobs.PutAsync(s_layer, default);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task Names_that_begin_alike_are_kept_apart()
    {
        var there = new DistributionStorage(_objects);
        string[] names = ["a", "a-b", "a.b", "a/0", "a/b", "a/b/c", "a0", "a_b", "ab"];
        foreach (var name in names) await there.PutImageAsync(name, name, [s_layer], "v1");
        var progress = await AdoptAsync("");
        Assert.Equal((9L, 9L, 9L, 9L), (progress.Repositories, progress.Expected, progress.Manifests, progress.Tags));
        Assert.Equal(names.Order(StringComparer.Ordinal), (await _registry.ListAsync(default).ToListAsync()).Select(n => n.ToString()).Order(StringComparer.Ordinal));
        await AssertWholeAsync();
    }

    private async Task<AdoptProgress> AdoptAsync(string root)
    {
        List<AdoptFinding> findings = [];
        var progress = new AdoptProgress();
        await _registry.Adoption.RunAsync(new AdoptOptions(["CollectGarbage", "Verify"]) { Root = root, Force = true, Verify = true }, progress, findings.Add, null, default);
        Assert.Empty(findings);
        return progress;
    }

    private async Task CollectAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            // Rows have their age to the second.
            await Task.Delay(TimeSpan.FromSeconds(1.1));
            await _registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        }
    }

    private async Task AssertWholeAsync()
    {
        (await StoreAudit.ReadAsync((_tables, _objects))).AssertSound();
        List<VerifyFinding> findings = [];
        await _registry.Verifier.RunAsync(new VerifyOptions { RehashDigests = true, DeleteOrphans = false }, findings.Add, default);
        Assert.Empty(findings);
    }

    private async Task PutAppendBlobAsync(string name)
    {
        await _objects.DeleteAsync(name, null, default);
        var options = new BlobClientOptions { TrimBlobNameSlashes = false };
        var blob = new BlobContainerClient(_account.ConnectionString, _account.ContainerName, options).GetAppendBlobClient(name);
        await blob.CreateAsync();
        await blob.AppendBlockAsync(new MemoryStream(s_layer));
    }
}
