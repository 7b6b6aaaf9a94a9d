using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

/// <summary>Storage that fails while a body comes: whatever the failure looks like, it is none of the client's, and no byte counts that storage has not confirmed.</summary>
public sealed class StagingFaultTests
{
    private static readonly byte[] s_content = Any.Content((6 * BlockSize) + 100);

    private readonly TestRegistry _test = new();
    private readonly StorageProbe _probe = new();

    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>().Where(f => f != StorageFault.Replay)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_chunk_of_which_a_block_is_not_confirmed_is_not_taken_and_the_next_try_makes_the_right_blob(StorageFault fault)
    {
        for (var call = 0; call < 4; call++)
        {
            var upload = await _test.Repository.Blobs.StartUploadAsync(default);
            await upload.AppendAsync(Body(s_content[..BlockSize]), null, default);

            _probe.Reset();
            var watched = await WatchedAsync(upload);
            FailStaging(call, fault);
            Assert.True(await StorageFaults.FailsAsync(() => watched.AppendAsync(Body(s_content[BlockSize..]), null, default)));

            upload = (await _test.Repository.Blobs.FindUploadAsync(upload.Id, upload.State, default))!;
            Assert.Equal(BlockSize, await upload.GetSizeAsync(default));
            Assert.Equal(s_content.Length, (await upload.AppendAsync(Body(s_content[BlockSize..]), new ChunkRange(BlockSize, s_content.Length - 1), default)).Size);
            Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
            Assert.Equal(s_content, await ReadAsync(_test.Repository, Sha256Of(s_content)));
            await _test.Repository.Blobs.DeleteAsync(Sha256Of(s_content), default);
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_whole_blob_of_which_a_block_is_not_confirmed_is_none(StorageFault fault)
    {
        FailStaging(2, fault);
        Assert.True(await StorageFaults.FailsAsync(() => Watched().Blobs.PutAsync(Body(s_content), Sha256Of(s_content), default)));
        Assert.Null(await _test.Repository.Blobs.FindAsync(Sha256Of(s_content), default));
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_kept_as_far_as_it_came()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        var body = System.IO.Pipelines.PipeReader.Create(new BrokenStream(s_content[..(2 * BlockSize)]));
        await Assert.ThrowsAsync<IOException>(() => upload.AppendAsync(body, null, default));
        upload = (await _test.Repository.Blobs.FindUploadAsync(upload.Id, upload.State, default))!;
        Assert.Equal(2 * BlockSize, await upload.GetSizeAsync(default));
        await upload.AppendAsync(Body(s_content[(2 * BlockSize)..]), null, default);
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
        Assert.Equal(s_content, await ReadAsync(_test.Repository, Sha256Of(s_content)));
    }

    [Fact]
    public async Task An_upload_whose_blocks_are_fewer_bytes_than_it_says_never_becomes_a_blob()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body(s_content), null, default);
        var key = TableKeys.Upload(_test.Repository.Name, upload.Id);
        var row = (await _test.Tables.FindAsync(TableKeys.RegistryTable, key, default))!;
        var session = UploadSession.Read(row);
        var shorter = session with { Segments = [session.Segments[0] with { Size = session.Segments[0].Size - 1 }] };
        Assert.True((await _test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Replace(key, shorter.ToProperties(), row.ETag), default)).Done);
        await AssertRefusedAsync(RegistryError.BlobUploadInvalid, () => upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
        Assert.Null(await _test.Repository.Blobs.FindAsync(Sha256Of(s_content), default));
    }

    private Repository Watched()
    {
        var (tables, objects) = _probe.Watch((_test.Tables, _test.Objects));
        return new ContainerRegistry(tables, objects, _test.Options, _test.Time).GetRepository(_test.Repository.Name);
    }

    private async Task<BlobUpload> WatchedAsync(BlobUpload upload) => (await Watched().Blobs.FindUploadAsync(upload.Id, upload.State, default))!;

    // The calls before the first block are to tables: the session's row, the announcements, and the secret of uploads.
    private void FailStaging(int block, StorageFault fault) => _probe.FailAtObject(block, fault);
}
