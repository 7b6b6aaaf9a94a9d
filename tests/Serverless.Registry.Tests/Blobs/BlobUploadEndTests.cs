using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

/// <summary>How sessions end: finished, finished again, refused, cancelled, expired.</summary>
public sealed class BlobUploadEndTests
{
    private static readonly byte[] s_content = Any.Content(BlockSize + 100);

    private readonly TestRegistry _test = new();

    [Fact]
    public async Task Finishing_twice_succeeds_twice()
    {
        var upload = await StartedAsync();
        var first = await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default);
        var second = await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default);
        Assert.Equal((first!.Digest, first.Size), (second!.Digest, second.Size));
        Assert.Single(await _test.ObjectNamesAsync());
    }

    [Fact]
    public async Task Finishing_twice_succeeds_when_the_blob_was_there_before()
    {
        await _test.Open("other").Blobs.PutAsync(s_content, default);
        var upload = await StartedAsync();
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
        Assert.Single(await _test.ObjectNamesAsync());
        Assert.Equal(s_content, await ReadAsync(_test.Repository, Sha256Of(s_content)));
    }

    [Fact]
    public async Task A_finished_session_takes_nothing_more()
    {
        var upload = await StartedAsync();
        await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default);
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.AppendAsync(Body([1]), null, default));
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.GetSizeAsync(default));
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.CancelAsync(default));
        await AssertRefusedAsync(RegistryError.DigestInvalid, () => upload.CommitAsync(Sha256Of([9]), Body([]), null, default));
        Assert.Equal(s_content, await ReadAsync(_test.Repository, Sha256Of(s_content)));
    }

    [Fact]
    public async Task A_wrong_digest_is_refused_and_the_session_goes_on()
    {
        var upload = await StartedAsync();
        await AssertRefusedAsync(RegistryError.DigestInvalid, () => upload.CommitAsync(Sha256Of([9]), Body([]), null, default));
        Assert.Empty(await _test.ObjectNamesAsync());
        Assert.Equal(s_content.Length, await upload.GetSizeAsync(default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
    }

    [Fact]
    public async Task A_wrong_digest_of_a_whole_body_leaves_nothing()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        await AssertRefusedAsync(RegistryError.DigestInvalid, () => upload.CommitAsync(Sha256Of([9]), Body(s_content), null, default));
        await AssertRefusedAsync(RegistryError.DigestInvalid, () => upload.CommitAsync(Sha256Of([9]), Body([]), null, default));
        Assert.Empty(await _test.ObjectNamesAsync());
        Assert.Empty(await ListAsync(_test.Registry.ListBlobsAsync(default)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_can_end_with_a_sha512_digest(bool inChunks)
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha512, s_content);
        var upload = inChunks ? await StartedAsync() : await _test.Repository.Blobs.StartUploadAsync(default);
        Assert.NotNull(await upload.CommitAsync(digest, Body(inChunks ? [] : s_content), null, default));
        Assert.Equal(s_content, await ReadAsync(_test.Repository, digest));
        if (inChunks) Assert.NotNull(await upload.CommitAsync(digest, Body([]), null, default));
    }

    [Fact]
    public async Task A_wrong_sha512_digest_leaves_nothing()
    {
        var upload = await StartedAsync();
        var wrong = Digest.Compute(DigestAlgorithm.Sha512, [9]);
        await AssertRefusedAsync(RegistryError.DigestInvalid, () => upload.CommitAsync(wrong, Body([]), null, default));
        Assert.Empty(await _test.ObjectNamesAsync());
        Assert.Null(await _test.Repository.Blobs.FindAsync(wrong, default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_session_is_gone(bool withChunk)
    {
        var upload = withChunk ? await StartedAsync() : await _test.Repository.Blobs.StartUploadAsync(default);
        await upload.CancelAsync(default);
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.CancelAsync(default));
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.GetSizeAsync(default));
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.AppendAsync(Body([1]), null, default));
        await AssertRefusedAsync(RegistryError.BlobUploadUnknown, () => upload.CommitAsync(Sha256Of(s_content), Body([]), null, default));
        Assert.Empty(await _test.ObjectNamesAsync());
    }

    [Fact]
    public async Task A_session_is_found_by_its_id_and_state_in_its_repository_until_it_expires()
    {
        var upload = await StartedAsync();
        Assert.NotNull(await _test.Repository.Blobs.FindUploadAsync(upload.Id, upload.State, default));
        Assert.Null(await _test.Repository.Blobs.FindUploadAsync(Guid.NewGuid(), upload.State, default));
        Assert.Null(await _test.Repository.Blobs.FindUploadAsync(upload.Id, upload.State[1..], default));
        Assert.Null(await _test.Open("other").Blobs.FindUploadAsync(upload.Id, upload.State, default));
        _test.Time.Advance(_test.Options.UploadLifetime);
        Assert.Null(await _test.Repository.Blobs.FindUploadAsync(upload.Id, upload.State, default));
    }

    [Fact]
    public async Task Two_sessions_do_not_mix()
    {
        var (one, two) = (await _test.Repository.Blobs.StartUploadAsync(default), await _test.Repository.Blobs.StartUploadAsync(default));
        Assert.NotEqual(one.Id, two.Id);
        await one.AppendAsync(Body([1]), null, default);
        await two.AppendAsync(Body([2]), null, default);
        await one.AppendAsync(Body([3]), new ChunkRange(1, 1), default);
        await two.CommitAsync(Sha256Of([2]), Body([]), null, default);
        Assert.NotNull(await one.CommitAsync(Sha256Of([1, 3]), Body([]), null, default));
    }

    private async Task<BlobUpload> StartedAsync()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        Assert.True((await upload.AppendAsync(Body(s_content), null, default)).Accepted);
        return upload;
    }

    [Fact]
    public async Task Finishing_twice_with_sha512_succeeds_when_the_blob_was_there_before()
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha512, [1]);
        await _test.Open("other").Blobs.PutAsync(Body([1]), digest, default);
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body([1]), null, default);
        Assert.NotNull(await upload.CommitAsync(digest, Body([]), null, default));
        Assert.NotNull(await upload.CommitAsync(digest, Body([]), null, default));
    }
}
