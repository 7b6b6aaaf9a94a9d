using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

public sealed class BlobUploadTests
{
    private static readonly byte[] s_content = Any.Content((3 * BlockSize) + 100);

    private readonly TestRegistry _test = new();

    [Fact]
    public async Task Chunks_taken_by_different_instances_make_one_blob()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        Assert.Equal(0, await upload.GetSizeAsync(default));
        Assert.Equal(new AppendResult(true, 100), await upload.AppendAsync(Body(s_content[..100]), null, default));

        upload = await ResumeAsync(upload);
        Assert.Equal(100, await upload.GetSizeAsync(default));
        Assert.Equal(new AppendResult(true, 2 * BlockSize), await upload.AppendAsync(Body(s_content[100..(2 * BlockSize)]), new ChunkRange(100, (2 * BlockSize) - 1), default));

        upload = await ResumeAsync(upload);
        var put = await upload.CommitAsync(Sha256Of(s_content), Body(s_content[(2 * BlockSize)..]), null, default);
        Assert.Equal((Sha256Of(s_content), s_content.Length), (put!.Digest, (int)put.Size));
        Assert.Equal(s_content, await ReadAsync(_test.Repository, put.Digest));
    }

    [Fact]
    public async Task A_session_without_a_chunk_takes_the_whole_blob()
    {
        var upload = await ResumeAsync(await _test.Repository.Blobs.StartUploadAsync(default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body(s_content), new ChunkRange(0, s_content.Length - 1), default));
        Assert.Equal(s_content, await ReadAsync(_test.Repository, Sha256Of(s_content)));
    }

    [Fact]
    public async Task The_empty_blob_can_be_uploaded_with_and_without_a_chunk()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        Assert.Equal(0, (await upload.CommitAsync(Sha256Of([]), Body([]), null, default))!.Size);
        upload = await _test.Open("other").Blobs.StartUploadAsync(default);
        Assert.Equal(new AppendResult(true, 0), await upload.AppendAsync(Body([]), null, default));
        Assert.Equal(0, (await upload.CommitAsync(Sha256Of([]), Body([]), null, default))!.Size);
        Assert.Empty(await ReadAsync(_test.Open("other"), Sha256Of([])));
    }

    [Fact]
    public async Task A_chunk_that_does_not_continue_the_upload_is_not_taken()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        Assert.Equal(new AppendResult(false, 0), await upload.AppendAsync(Body(s_content[10..20]), new ChunkRange(10, 19), default));
        await upload.AppendAsync(Body(s_content[..10]), new ChunkRange(0, 9), default);
        Assert.Equal(new AppendResult(false, 10), await upload.AppendAsync(Body(s_content[..10]), new ChunkRange(0, 9), default));
        Assert.Equal(new AppendResult(false, 10), await upload.AppendAsync(Body(s_content[11..20]), new ChunkRange(11, 19), default));
        Assert.Null(await upload.CommitAsync(Sha256Of(s_content[..20]), Body(s_content[11..20]), new ChunkRange(11, 19), default));
        Assert.Equal(10, await upload.GetSizeAsync(default));
        Assert.Equal(new AppendResult(true, 20), await upload.AppendAsync(Body(s_content[10..20]), new ChunkRange(10, 19), default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content[..20]), Body([]), null, default));
    }

    [Fact]
    public async Task A_first_chunk_sent_twice_is_taken_once()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        var twin = await ResumeAsync(upload);
        Assert.True((await upload.AppendAsync(Body(s_content[..10]), null, default)).Accepted);
        Assert.Equal(new AppendResult(false, 10), await twin.AppendAsync(Body(s_content[..10]), null, default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content[..10]), Body([]), null, default));
        Assert.Equal(s_content[..10], await ReadAsync(_test.Repository, Sha256Of(s_content[..10])));
    }

    [Fact]
    public async Task A_chunk_of_another_length_than_its_range_is_refused_and_not_kept()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        await AssertRefusedAsync(RegistryError.SizeInvalid, () => upload.AppendAsync(Body(s_content[..10]), new ChunkRange(0, 10), default));
        await AssertRefusedAsync(RegistryError.SizeInvalid, () => upload.AppendAsync(Body(s_content[..10]), new ChunkRange(0, 8), default));
        await AssertRefusedAsync(RegistryError.SizeInvalid, () => upload.CommitAsync(Sha256Of(s_content[..10]), Body(s_content[..10]), new ChunkRange(0, 8), default));
        Assert.Equal(0, await upload.GetSizeAsync(default));
    }

    [Fact]
    public async Task What_came_before_the_client_went_away_is_kept()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        var broken = System.IO.Pipelines.PipeReader.Create(new BrokenStream(s_content[..(BlockSize + 50)]));
        await Assert.ThrowsAsync<IOException>(() => upload.AppendAsync(broken, new ChunkRange(0, s_content.Length - 1), default));
        upload = await ResumeAsync(upload);
        var size = await upload.GetSizeAsync(default);
        Assert.Equal(BlockSize + 50, size);
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body(s_content[(int)size..]), null, default));
        Assert.Equal(s_content, await ReadAsync(_test.Repository, Sha256Of(s_content)));
    }

    private async Task<BlobUpload> ResumeAsync(BlobUpload upload)
    {
        var blobs = _test.NewInstance().GetRepository(_test.Repository.Name).Blobs;
        var resumed = await blobs.FindUploadAsync(upload.Id, upload.State, default);
        Assert.NotNull(resumed);
        Assert.Equal(upload.StartedAt, resumed.StartedAt);
        return resumed;
    }

    [Fact]
    public async Task An_upload_goes_on_in_the_object_that_took_its_first_chunk()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        Assert.Equal(new AppendResult(true, 1), await upload.AppendAsync(Body([1]), null, default));
        Assert.Equal(new AppendResult(true, 2), await upload.AppendAsync(Body([2]), null, default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of([1, 2, 3]), Body([3]), null, default));
    }
}
