using System.IO.Pipelines;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Moving;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>Moves out of real stores, into them, and between them.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class MoveTests(AzuriteServer azurite)
{
    private const int BlockSize = 64 * 1024;

    private static readonly RegistryOptions s_options = new() { BlockSize = BlockSize };
    private static readonly RegistryOptions s_readOnly = s_options with { Switches = new SwitchState(ReadOnly: true) };
    private static readonly MoveOptions s_last = new() { Final = true, Rest = TimeSpan.Zero };

    [Fact]
    public async Task A_registry_is_the_same_after_it_went_elsewhere_and_came_back()
    {
        var account = azurite.NewStores();
        var image = await FillAsync(account);
        var memory = (Tables: (ITableStore)new InMemoryTableStore(TimeProvider.System), Objects: (IObjectStore)new InMemoryObjectStore(TimeProvider.System));
        var first = await MoveAsync(account, memory, new MoveOptions());
        Assert.Equal((3L, 0L), (first.Sent, first.Left));
        var last = await MoveAsync(account, memory, s_last);
        Assert.Equal((0L, 0L), (last.Sent, last.Written));
        await AssertSameAsync(account, memory);

        // What is lost here, and where it comes back to, goes there.
        await Open(memory).Tags.DeleteAsync(Tag.Parse("latest"), default);
        Assert.Equal(0, (await MoveAsync(memory, account, s_last with { Replace = true })).Sent);
        await AssertSameAsync(memory, account);
        Assert.Null(await Open(account).Tags.FindAsync(Tag.Parse("latest"), default));
        await AssertPulledAsync(account, image);

        var other = azurite.NewStores();
        var across = await MoveAsync(account, other, s_last);
        Assert.Equal((3L, across.Rows), (across.Sent, across.Written));
        await AssertSameAsync(account, other);
        await AssertPulledAsync(other, image);
        await Open(other).Manifests.DeleteAsync(image.Digest, default);
    }

    [Fact]
    public async Task The_same_account_is_recognised_by_another_connection()
    {
        var account = azurite.NewOptions();
        var source = AzureStores.Create(account, TimeProvider.System);
        await FillAsync(source);
        var same = AzureStores.Create(account, TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<RegistryException>(() => MoveAsync(source, same, s_last with { Replace = true }));
        Assert.Contains("the same storage", refusal.Message, StringComparison.Ordinal);
        Assert.True((await new ContainerRegistry(source.Tables, source.Objects, s_options, TimeProvider.System).Identity.ReadAsync(default)).Agrees);
    }

    private static Repository Open((ITableStore Tables, IObjectStore Objects) stores) =>
        new ContainerRegistry(stores.Tables, stores.Objects, s_options, TimeProvider.System).GetRepository(RepositoryName.Parse("team/app"));

    private static async Task<Manifest> FillAsync((ITableStore Tables, IObjectStore Objects) stores)
    {
        var app = Open(stores);
        var config = await app.Blobs.PutAsync("{}"u8.ToArray(), default);
        var layer = await app.Blobs.PutAsync(PipeReader.Create(new MemoryStream(new byte[(3 * BlockSize) + 1])), null, default);
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(layer with { MediaType = MediaTypes.OciLayerGzip }).Build();
        await app.Manifests.PutAsync(image, [Tag.Parse("v1"), Tag.Parse("latest")], default);
        byte[] large = [.. ManifestBuilder.ForIndex().Append(image.Descriptor).Build().Payload.Span, .. Enumerable.Repeat((byte)' ', 700 * 1024)];
        await app.Manifests.PutAsync(ManifestTypes.Default.Parse(MediaTypes.OciIndex, large), [Tag.Parse("all")], default);
        return image;
    }

    private static async Task<MoveProgress> MoveAsync((ITableStore Tables, IObjectStore Objects) from, (ITableStore Tables, IObjectStore Objects) to, MoveOptions options)
    {
        // Times are to the second here, and storage's is not younger than what was written in the same one.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var progress = new MoveProgress();
        List<MoveFinding> findings = [];
        var registry = new ContainerRegistry(from.Tables, from.Objects, s_readOnly, TimeProvider.System);
        var result = await registry.MoveTo(to.Tables, to.Objects).RunAsync(options, progress, findings.Add, default);
        Assert.Empty(findings);
        Assert.Equal(options.Final, result.IsComplete);
        return progress;
    }

    private static async Task AssertSameAsync((ITableStore Tables, IObjectStore Objects) one, (ITableStore Tables, IObjectStore Objects) other)
    {
        Assert.Equal(await RowsAsync(one.Tables), await RowsAsync(other.Tables));
        Assert.Equal(await ObjectsAsync(one.Objects), await ObjectsAsync(other.Objects));
        (await StoreAudit.ReadAsync(other)).AssertSound();
        List<VerifyFinding> findings = [];
        await new ContainerRegistry(other.Tables, other.Objects, s_options, TimeProvider.System).Verifier.RunAsync(new VerifyOptions { RehashDigests = true, DeleteOrphans = false }, findings.Add, default);
        Assert.Empty(findings);
    }

    private static async Task AssertPulledAsync((ITableStore Tables, IObjectStore Objects) stores, Manifest image)
    {
        var stored = await Open(stores).Manifests.GetAsync(Reference.Parse("v1"), default);
        Assert.Equal(image.Payload.ToArray(), stored!.Payload.ToArray());
        Assert.NotNull(await Open(stores).Manifests.GetAsync(Reference.Parse("all"), default));
        foreach (var blob in image.Content.Blobs) Assert.Equal(blob.Size, (await (await Open(stores).Blobs.FindAsync(blob.Digest, default))!.GetBytesAsync(default)).Length);
    }

    private static async Task<List<string>> RowsAsync(ITableStore tables)
    {
        List<string> rows = [];
        foreach (var table in new[] { TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable })
        {
            await foreach (var row in tables.ListAsync(table, RowQuery.All, default))
            {
                var values = row.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{p.Value.GetType().Name}={(p.Value is byte[] bytes ? Convert.ToHexString(bytes) : p.Value)}");
                rows.Add($"{table} {row.Key.Partition}|{row.Key.Row} {string.Join(' ', values)}");
            }
        }

        return rows;
    }

    private static Task<List<string>> ObjectsAsync(IObjectStore objects) => objects.ListAsync(TableKeys.ObjectPrefix, default).Select(o => $"{o.Name} {o.Size}").ToListAsync().AsTask();
}
