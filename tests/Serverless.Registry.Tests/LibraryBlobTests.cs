using Serverless.Registry.Access;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests;

public sealed class LibraryBlobTests : LibraryTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(200_000)]
    public async Task A_blob_can_be_put_found_read_and_signed(int size)
    {
        var content = Any.Content(size);
        var stored = await Repository.Blobs.PutAsync(content, default);
        Assert.Equal((Digest.Compute(DigestAlgorithm.Sha256, content), size), (stored.Digest, stored.Size));
        var blob = await Repository.Blobs.FindAsync(stored.Digest, default);
        Assert.Equal(stored, blob!.Descriptor);
        Assert.Equal(content, await blob.GetBytesAsync(default));
        Assert.NotNull(await blob.SignReadAsync(TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public async Task A_part_of_a_blob_can_be_read_across_its_blocks()
    {
        var content = Any.Content(200_000);
        var stored = await Repository.Blobs.PutAsync(content, default);
        var blob = await Repository.Blobs.FindAsync(stored.Digest, default);
        await using var stream = await blob!.OpenAsync(65_000, 70_000, default);
        var part = new byte[70_000];
        await stream.ReadExactlyAsync(part);
        Assert.Equal(content[65_000..135_000], part);
        Assert.Equal(-1, stream.ReadByte());
    }

    [Fact]
    public async Task Content_that_is_something_else_is_refused_and_leaves_nothing()
    {
        var wrong = Digest.Compute(DigestAlgorithm.Sha256, [1]);
        var e = await Assert.ThrowsAsync<RegistryException>(() => Repository.Blobs.PutAsync(Body(Any.Content(1000)), wrong, default));
        Assert.Equal(RegistryError.DigestInvalid, e.Error);
        Assert.Empty(await Registry.ListBlobsAsync(default).ToListAsync());
        Assert.Empty(await Objects.ListAsync("", default).ToListAsync());
    }

    [Fact]
    public async Task An_upload_goes_on_at_another_instance()
    {
        var content = Any.Content(200_000);
        var upload = await Repository.Blobs.StartUploadAsync(default);
        Assert.Equal(Time.GetUtcNow(), upload.StartedAt);
        Assert.Equal(new AppendResult(true, 100_000), await upload.AppendAsync(Body(content[..100_000]), null, default));
        Assert.Equal(new AppendResult(false, 100_000), await upload.AppendAsync(Body(content[..100_000]), new ChunkRange(0, 99_999), default));

        var other = NewInstance(new RegistryOptions()).GetRepository(Repository.Name);
        var resumed = await other.Blobs.FindUploadAsync(upload.Id, upload.State, default);
        Assert.Equal((100_000, upload.StartedAt), (await resumed!.GetSizeAsync(default), resumed.StartedAt));
        var digest = Digest.Compute(DigestAlgorithm.Sha256, content);
        Assert.Equal(digest, (await resumed.CommitAsync(digest, Body(content[100_000..]), new ChunkRange(100_000, 199_999), default))!.Digest);
        Assert.Equal(content, await (await Repository.Blobs.FindAsync(digest, default))!.GetBytesAsync(default));
    }

    [Fact]
    public async Task A_cancelled_upload_cannot_go_on()
    {
        var upload = await Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body([1, 2, 3]), null, default);
        await upload.CancelAsync(default);
        var e = await Assert.ThrowsAsync<RegistryException>(() => upload.AppendAsync(Body([4]), null, default));
        Assert.Equal(RegistryError.BlobUploadUnknown, e.Error);
    }

    [Fact]
    public async Task A_blob_can_be_mounted_listed_and_deleted_in_each_repository_by_itself()
    {
        var stored = await Repository.Blobs.PutAsync(Any.Content(100), default);
        var other = Registry.GetRepository(RepositoryName.Parse("other"));
        Assert.Null(await other.Blobs.FindAsync(stored.Digest, default));
        Assert.NotNull(await other.Blobs.MountAsync(stored.Digest, Repository.Name, default));
        Assert.Equal(Repository.Name, await Registry.GetRepository(RepositoryName.Parse("third")).Blobs.FindSourceAsync(stored.Digest, new([AccessRule.For(Repository.Name, RepositoryActions.Pull)]), default));
        Assert.True(await Repository.Blobs.DeleteAsync(stored.Digest, default));
        Assert.False(await Repository.Blobs.DeleteAsync(stored.Digest, default));
        Assert.Empty(await Repository.Blobs.ListAsync(default).ToListAsync());
        Assert.Equal([stored], await other.Blobs.ListAsync(default).ToListAsync());
        Assert.Equal([stored], await Registry.ListBlobsAsync(default).ToListAsync());
    }
}
