using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

/// <summary>Mounting, listing, keeping and signing.</summary>
public sealed class BlobListTests
{
    private readonly TestRegistry _test = new(maxPageSize: 3);

    [Fact]
    public async Task A_mount_links_a_blob_without_moving_it()
    {
        var put = await _test.Open("a").Blobs.PutAsync(new byte[] { 1, 2 }, default);
        var mounted = await _test.Open("b").Blobs.MountAsync(put.Digest, RepositoryName.Parse("a"), default);
        Assert.Equal((put.Digest, 2), (mounted!.Descriptor.Digest, (int)mounted.Descriptor.Size));
        Assert.Equal([1, 2], await ReadAsync(mounted, 0, null));
        Assert.Single(await _test.ObjectNamesAsync());
        await _test.Open("a").Blobs.DeleteAsync(put.Digest, default);
        Assert.Equal([1, 2], await ReadAsync(_test.Open("b"), put.Digest));
    }

    [Fact]
    public async Task A_mount_needs_a_link_in_the_source()
    {
        var put = await _test.Open("a").Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.Null(await _test.Open("b").Blobs.MountAsync(put.Digest, RepositoryName.Parse("c"), default));
        Assert.Null(await _test.Open("b").Blobs.MountAsync(Sha256Of([9]), RepositoryName.Parse("a"), default));
        await _test.Open("a").Blobs.DeleteAsync(put.Digest, default);
        Assert.Null(await _test.Open("b").Blobs.MountAsync(put.Digest, RepositoryName.Parse("a"), default));
        Assert.Null(await _test.Open("b").Blobs.FindAsync(put.Digest, default));
    }

    [Fact]
    public async Task A_mount_from_the_repository_itself_finds_the_blob()
    {
        var put = await _test.Open("a").Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.NotNull(await _test.Open("a").Blobs.MountAsync(put.Digest, RepositoryName.Parse("a"), default));
        Assert.Null(await _test.Open("a").Blobs.MountAsync(Sha256Of([9]), RepositoryName.Parse("a"), default));
    }

    [Fact]
    public async Task A_repository_lists_its_blobs_and_the_registry_all_of_them()
    {
        List<Digest> digests = [];
        for (byte i = 0; i < 7; i++) digests.Add((await _test.Open("a").Blobs.PutAsync(new[] { i }, default)).Digest);
        var other = (await _test.Open("b").Blobs.PutAsync(new byte[] { 99 }, default)).Digest;
        await _test.Open("b").Blobs.MountAsync(digests[0], RepositoryName.Parse("a"), default);
        await _test.Open("a").Blobs.DeleteAsync(digests[1], default);

        var listed = await ListAsync(_test.Open("a").Blobs.ListAsync(default));
        Assert.Equal(Sorted(digests.Where(d => d != digests[1])), listed.Select(d => d.Digest.ToString()));
        Assert.All(listed, d => Assert.Equal(1, d.Size));
        Assert.Equal(Sorted([digests[0], other]), (await ListAsync(_test.Open("b").Blobs.ListAsync(default))).Select(d => d.Digest.ToString()));
        Assert.Equal(Sorted([.. digests, other]), (await ListAsync(_test.Registry.ListBlobsAsync(default))).Select(d => d.Digest.ToString()));
    }

    [Fact]
    public async Task Finding_to_keep_makes_an_old_link_young_and_leaves_a_young_one()
    {
        var start = _test.Time.GetUtcNow();
        var put = await _test.Repository.Blobs.PutAsync(new byte[] { 1 }, default);
        _test.Time.Advance(TimeSpan.FromHours(11));
        Assert.NotNull(await _test.Repository.Blobs.FindAndKeepAsync(put.Digest, default));
        Assert.Equal(start, await TouchedAsync(put.Digest));
        _test.Time.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await _test.Repository.Blobs.FindAsync(put.Digest, default));
        Assert.Equal(start, await TouchedAsync(put.Digest));
        Assert.NotNull(await _test.Repository.Blobs.FindAndKeepAsync(put.Digest, default));
        Assert.Equal(start + TimeSpan.FromHours(12), await TouchedAsync(put.Digest));
    }

    [Fact]
    public async Task A_signed_URL_reads_the_blob_for_a_while()
    {
        var put = await _test.Repository.Blobs.PutAsync(new byte[] { 1, 2, 3 }, default);
        var blob = await _test.Repository.Blobs.FindAsync(put.Digest, default);
        var url = await blob!.SignReadAsync(TimeSpan.FromMinutes(5), default);
        var query = url!.Query.TrimStart('?').Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        var expires = long.Parse(query["se"], System.Globalization.CultureInfo.InvariantCulture);
        using var read = new MemoryStream();
        await using (var stream = ((InMemoryObjectStore)_test.Objects).OpenSigned(query["name"], expires, query["sig"])) await stream!.CopyToAsync(read);
        Assert.Equal([1, 2, 3], read.ToArray());
        Assert.DoesNotContain("team", url.ToString(), StringComparison.Ordinal);
        _test.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(((InMemoryObjectStore)_test.Objects).OpenSigned(query["name"], expires, query["sig"]));
    }

    private async Task<DateTimeOffset> TouchedAsync(Digest digest) =>
        (await _test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(digest, _test.Repository.Name), default))!.Timestamp;

    private static IEnumerable<string> Sorted(IEnumerable<Digest> digests) => digests.Select(d => d.ToString()).Order(StringComparer.Ordinal);
}
