using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Blobs;

/// <summary>A blob whose bytes are lost or cut short gets them back with the next push of it, for all who link to it.</summary>
public sealed class HealTests
{
    private static readonly byte[] s_content = Any.Content(200 * 1024, 7);
    private readonly TestRegistry _test = new();
    private static readonly RepositoryName s_app = RepositoryName.Parse("app");
    private static readonly RepositoryName s_other = RepositoryName.Parse("other");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_push_brings_the_bytes_back_to_everybody(bool cutShort)
    {
        var (digest, location) = await LoseBytesAsync(cutShort);
        await _test.Registry.GetRepository(s_other).Blobs.PutAsync(s_content, default);
        await AssertWholeAsync(digest, location);
    }

    [Fact]
    public async Task An_upload_in_chunks_brings_the_bytes_back()
    {
        var (digest, location) = await LoseBytesAsync(cutShort: false);
        var upload = await _test.Registry.GetRepository(s_other).Blobs.StartUploadAsync(default);
        await upload.AppendAsync(TestRegistry.Body(s_content), null, default);
        Assert.NotNull(await upload.CommitAsync(digest, TestRegistry.Body([]), null, default));
        await AssertWholeAsync(digest, location);
    }

    [Fact]
    public async Task Of_many_who_push_at_once_one_brings_the_bytes_back()
    {
        var (digest, location) = await LoseBytesAsync(cutShort: true);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => _test.Registry.GetRepository(RepositoryName.Parse($"r{i}")).Blobs.PutAsync(s_content, default)));
        await AssertWholeAsync(digest, location);
    }

    [Fact]
    public async Task An_upload_that_is_finished_again_is_not_told_that_all_is_well()
    {
        var upload = await _test.Registry.GetRepository(s_app).Blobs.StartUploadAsync(default);
        await upload.AppendAsync(TestRegistry.Body(s_content), null, default);
        var digest = TestRegistry.Sha256Of(s_content);
        Assert.NotNull(await upload.CommitAsync(digest, TestRegistry.Body([]), null, default));
        await _test.Objects.DeleteAsync(await LocationAsync(digest), null, default);
        var refused = await Assert.ThrowsAsync<RegistryException>(() => upload.CommitAsync(digest, TestRegistry.Body([]), null, default));
        Assert.Equal(RegistryError.BlobUploadUnknown, refused.Error);
    }

    [Theory]
    [InlineData(StorageFault.Unavailable)]
    [InlineData(StorageFault.AppliedButUnavailable)]
    [InlineData(StorageFault.Replay)]
    public async Task A_push_that_fails_on_the_way_can_be_repeated(StorageFault fault)
    {
        for (var call = 0; call < 10; call++)
        {
            var test = new TestRegistry();
            var probe = new StorageProbe();
            var (digest, location) = await LoseBytesAsync(test, cutShort: call % 2 == 0);
            var (tables, objects) = probe.Watch((test.Tables, test.Objects));
            var registry = new ContainerRegistry(tables, objects, test.Registry.Options, test.Time);
            probe.FailAt(call, fault);
            var failed = await StorageFaults.FailsAsync(() => registry.GetRepository(s_other).Blobs.PutAsync(s_content, default));
            probe.Reset();
            if (failed) await registry.GetRepository(s_other).Blobs.PutAsync(s_content, default);
            await AssertWholeAsync(test, digest, location, mayLeaveBytes: failed);
        }
    }

    private Task<(Digest Digest, string Location)> LoseBytesAsync(bool cutShort) => LoseBytesAsync(_test, cutShort);

    private static async Task<(Digest Digest, string Location)> LoseBytesAsync(TestRegistry test, bool cutShort)
    {
        var digest = (await test.Registry.GetRepository(s_app).Blobs.PutAsync(s_content, default)).Digest;
        var location = (await test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default))!.GetString("location");
        await test.Objects.DeleteAsync(location, null, default);
        if (cutShort) await test.Objects.PutAsync(location, new(s_content.AsMemory(0, 100)), default);
        return (digest, location);
    }

    private async Task<string> LocationAsync(Digest digest) => (await _test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default))!.GetString("location");

    private Task AssertWholeAsync(Digest digest, string location) => AssertWholeAsync(_test, digest, location);

    private static async Task AssertWholeAsync(TestRegistry test, Digest digest, string location, bool mayLeaveBytes = false)
    {
        // Links carry copies of the location: a blob that is healed elsewhere would be healed for nobody.
        Assert.Equal(location, (await test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default))!.GetString("location"));
        var blob = await test.Registry.GetRepository(s_app).Blobs.FindAsync(digest, default);
        Assert.Equal(s_content, await blob!.GetBytesAsync(default));
        var audit = await StoreAudit.ReadAsync((test.Tables, test.Objects));
        // What a push that failed has left behind is the verifier's.
        Assert.InRange(audit.AssertSound().OrphanObjects.Count, 0, mayLeaveBytes ? 1 : 0);
    }
}
