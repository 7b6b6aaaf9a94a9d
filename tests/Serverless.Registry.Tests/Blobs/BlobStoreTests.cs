using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

public sealed class BlobStoreTests
{
    private readonly TestRegistry _test = new();

    private BlobStore Blobs => _test.Repository.Blobs;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BlockSize - 1)]
    [InlineData(BlockSize)]
    [InlineData(BlockSize + 1)]
    [InlineData((5 * BlockSize) + 12_345)]
    public async Task A_blob_comes_back_as_it_was_put(int size)
    {
        var content = Any.Content(size);
        var put = await Blobs.PutAsync(Body(content), Sha256Of(content), default);
        Assert.Equal((MediaTypes.OctetStream, Sha256Of(content), size), (put.MediaType, put.Digest, (int)put.Size));
        Assert.Equal(content, await ReadAsync(_test.Repository, put.Digest));
        var found = await Blobs.FindAsync(put.Digest, default);
        Assert.Equal((put.MediaType, put.Digest, put.Size), (found!.Descriptor.MediaType, found.Descriptor.Digest, found.Descriptor.Size));
        Assert.Equal(content, await found.GetBytesAsync(default));
    }

    [Theory]
    [InlineData(0L, null)]
    [InlineData(1L, null)]
    [InlineData(0L, 1L)]
    [InlineData(65_530L, 12L)]
    [InlineData(99_999L, 1L)]
    [InlineData(99_000L, 1000L)]
    public async Task A_part_of_a_blob_can_be_read(long offset, long? length)
    {
        var content = Any.Content(100_000);
        var put = await Blobs.PutAsync(content, default);
        var blob = await Blobs.FindAsync(put.Digest, default);
        Assert.Equal(content.AsSpan((int)offset, (int)(length ?? content.Length - offset)).ToArray(), await ReadAsync(blob!, offset, length));
    }

    [Fact]
    public async Task A_blob_that_was_never_put_is_absent()
    {
        Assert.Null(await Blobs.FindAsync(Sha256Of([1]), default));
        Assert.Null(await Blobs.FindAndKeepAsync(Sha256Of([1]), default));
        Assert.False(await Blobs.DeleteAsync(Sha256Of([1]), default));
    }

    [Fact]
    public async Task A_blob_under_sha512_is_found_under_sha512_only()
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha512, [1]);
        Assert.Equal(digest, (await Blobs.PutAsync(Body([1]), digest, default)).Digest);
        Assert.NotNull(await Blobs.FindAsync(digest, default));
        Assert.Null(await Blobs.FindAsync(Sha256Of([1]), default));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3 * BlockSize)]
    public async Task Content_with_another_digest_leaves_nothing(int size)
    {
        var content = Any.Content(size);
        await AssertRefusedAsync(RegistryError.DigestInvalid, () => Blobs.PutAsync(Body(content), Sha256Of([1]), default));
        Assert.Empty(await _test.ObjectNamesAsync());
        Assert.Null(await Blobs.FindAsync(Sha256Of([1]), default));
        Assert.Null(await Blobs.FindAsync(Sha256Of(content), default));
        Assert.Empty(await ListAsync(_test.Registry.ListBlobsAsync(default)));
    }

    [Fact]
    public async Task The_same_content_is_stored_once()
    {
        foreach (var name in (string[])["a", "b", "a"]) await _test.Open(name).Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.Single(await _test.ObjectNamesAsync());
        Assert.Equal([1], await ReadAsync(_test.Open("a"), Sha256Of([1])));
        Assert.Equal([1], await ReadAsync(_test.Open("b"), Sha256Of([1])));
    }

    [Fact]
    public async Task Pushing_the_same_blob_at_once_leaves_one_object()
    {
        var content = Any.Content(1000);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => _test.Open("r" + (i % 4)).Blobs.PutAsync(content, default))));
        Assert.Single(await _test.ObjectNamesAsync());
        for (var i = 0; i < 4; i++) Assert.Equal(content, await ReadAsync(_test.Open("r" + i), Sha256Of(content)));
    }

    [Fact]
    public async Task A_blob_can_be_read_in_the_repositories_that_link_to_it_only()
    {
        await _test.Open("a").Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.Null(await _test.Open("b").Blobs.FindAsync(Sha256Of([1]), default));
        Assert.Null(await _test.Open("a/b").Blobs.FindAsync(Sha256Of([1]), default));
    }

    [Fact]
    public async Task Deleting_a_blob_takes_it_from_one_repository()
    {
        await _test.Open("a").Blobs.PutAsync(new byte[] { 1 }, default);
        await _test.Open("b").Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.True(await _test.Open("a").Blobs.DeleteAsync(Sha256Of([1]), default));
        Assert.False(await _test.Open("a").Blobs.DeleteAsync(Sha256Of([1]), default));
        Assert.Null(await _test.Open("a").Blobs.FindAsync(Sha256Of([1]), default));
        Assert.Equal([1], await ReadAsync(_test.Open("b"), Sha256Of([1])));
        Assert.NotNull(await _test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedDigest(Sha256Of([1])), default));
    }

    [Fact]
    public async Task A_deleted_blob_can_be_put_again()
    {
        await Blobs.PutAsync(new byte[] { 1 }, default);
        await Blobs.DeleteAsync(Sha256Of([1]), default);
        await Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.Equal([1], await ReadAsync(_test.Repository, Sha256Of([1])));
    }
}
