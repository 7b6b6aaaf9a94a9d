using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Blobs whose bytes have the right size and another digest: a push that joins such a blob looks at the size alone, and would leave them.</summary>
public sealed class WrongBytesTests : VerifyTest
{
    private const string Other = "data/aa/other";
    private static readonly VerifyOptions s_repair = Repair with { RehashDigests = true };

    [Fact]
    public async Task Wrong_bytes_are_found_when_they_are_hashed_and_stay_without_repair()
    {
        var location = await SpoilAsync();
        Assert.Empty(await VerifyAsync(Repair));
        var finding = await AssertFoundAsync(VerifyKind.WrongContent, Rehash);
        Assert.Equal((Layer, location), (finding.Digest, finding.ObjectName));
        Assert.NotNull(await Test.Objects.FindAsync(location, default));
    }

    [Fact]
    public async Task Wrong_bytes_give_way_to_those_of_another_object()
    {
        var location = await SpoilAsync();
        await PutObjectAsync(Other, "layer 1");
        Wait();
        var findings = await VerifyAsync(s_repair);
        Assert.Equal([VerifyKind.WrongContent, VerifyKind.OrphanBytes], findings.Select(f => f.Kind));
        Assert.All(findings, f => Assert.True(f.Repaired));
        Assert.Contains(Other, findings[0].Note, StringComparison.Ordinal);
        Assert.Equal(location, await LocationAsync(Layer));
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
        Assert.Empty(await VerifyAsync(Rehash));
    }

    [Fact]
    public async Task Wrong_bytes_that_no_other_object_replaces_are_deleted_so_that_a_push_brings_them()
    {
        var location = await SpoilAsync();
        await Test.Open("before").Blobs.PutAsync(TestRegistry.Utf8("layer 1"), default);
        Assert.Equal("LAYER 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));

        var finding = await AssertFoundAsync(VerifyKind.WrongContent, s_repair);
        Assert.Contains("were deleted", finding.Note, StringComparison.Ordinal);
        Assert.Contains("push the blob again. Linked by before, team/app", finding.Note, StringComparison.Ordinal);
        Assert.Null(await Test.Objects.FindAsync(location, default));
        Assert.NotNull(await Repository.Blobs.FindAsync(Layer, default));
        await AssertFoundAsync(VerifyKind.MissingBytes, s_repair);

        await Test.Open("after").Blobs.PutAsync(TestRegistry.Utf8("layer 1"), default);
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
        Assert.Equal(location, await LocationAsync(Layer));
        Assert.Empty(await VerifyAsync(s_repair));
    }

    [Theory]
    [InlineData(DigestAlgorithm.Sha256)]
    [InlineData(DigestAlgorithm.Sha512)]
    public async Task Bytes_that_are_right_for_another_blob_stay(DigestAlgorithm algorithm)
    {
        var other = Digest.Compute(algorithm, TestRegistry.Utf8("LAYER 1"));
        await Repository.Blobs.PutAsync(TestRegistry.Body(TestRegistry.Utf8("LAYER 1")), other, default);
        var location = await LocationAsync(other);
        foreach (var key in (RowKey[])[TableKeys.Blob(Layer), TableKeys.Link(Layer, Name)]) await ChangeAsync(TableKeys.BlobsTable, key, "location", location);
        var finding = (await VerifyAsync(s_repair)).Single(f => f.Kind == VerifyKind.WrongContent);
        Assert.False(finding.Repaired);
        Assert.Contains($"right for {other}", finding.Note, StringComparison.Ordinal);
        Assert.Equal("LAYER 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, other));
    }

    [Fact]
    public async Task Bytes_that_were_read_wrongly_once_stay()
    {
        var objects = new WatchedObjects(Test.Objects) { FirstRead = new MemoryStream(TestRegistry.Utf8("nonsense")) };
        var finding = Assert.Single(await VerifyAsync(NewInstance(objects: objects), s_repair));
        Assert.Equal(VerifyKind.Unchecked, finding.Kind);
        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
        Assert.Empty(await VerifyAsync(s_repair));
    }

    [Fact]
    public async Task Bytes_that_are_replaced_before_they_are_deleted_stay()
    {
        var location = await SpoilAsync();
        var objects = new WatchedObjects(Test.Objects) { BeforeDelete = () => ReplaceAsync(location) };
        Assert.Equal(VerifyKind.Unchecked, Assert.Single(await VerifyAsync(NewInstance(objects: objects), s_repair)).Kind);
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
    }

    [Fact]
    public async Task Bytes_that_are_replaced_while_they_are_read_stay()
    {
        var location = await SpoilAsync();
        var reads = 0;
        var objects = new WatchedObjects(Test.Objects) { BeforeOpen = () => ++reads == 2 ? ReplaceAsync(location) : Task.CompletedTask };
        Assert.Equal(VerifyKind.Unchecked, Assert.Single(await VerifyAsync(NewInstance(objects: objects), s_repair)).Kind);
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Where_another_run_deletes_them_meanwhile_what_nobody_names_stays_for_it(int read)
    {
        var location = await SpoilAsync();
        await PutObjectAsync(Other, "layer 1");
        Wait();
        var reads = 0;
        // The other run has proved that they are wrong, and is going to look for others.
        var objects = new WatchedObjects(Test.Objects) { BeforeOpen = () => reads++ == read ? Test.Objects.DeleteAsync(location, null, default) : Task.CompletedTask };
        await VerifyAsync(NewInstance(objects: objects), s_repair);
        await VerifyAsync(s_repair);
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
    }

    [Fact]
    public async Task Wrong_bytes_of_a_blob_that_the_collector_takes_are_left_to_it()
    {
        var location = await SpoilAsync();
        var tables = new InterruptedTableStore(
            Test.Tables, write => write is RowWrite.Touch && write.Key == TableKeys.Blob(Layer), () => DropAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer)));
        Assert.DoesNotContain(await VerifyAsync(NewInstance(tables), s_repair), f => f.Kind == VerifyKind.WrongContent);
        Assert.NotNull(await Test.Objects.FindAsync(location, default));
    }

    [Fact]
    public async Task A_push_that_comes_before_the_search_is_over_counts_as_repaired()
    {
        await SpoilAsync();
        await PutObjectAsync(Other, "LAYER 2");
        var reads = 0;
        var objects = new WatchedObjects(Test.Objects)
        {
            BeforeOpen = async () =>
            {
                // The first object of another content is read when the wrong bytes have been deleted.
                if (await Test.Objects.FindAsync(await LocationAsync(Layer), default) is null && reads++ == 0) await Test.Open("other").Blobs.PutAsync(TestRegistry.Utf8("layer 1"), default);
            },
        };
        var finding = Assert.Single(await VerifyAsync(NewInstance(objects: objects), s_repair));
        Assert.Equal((VerifyKind.WrongContent, true), (finding.Kind, finding.Repaired));
        Assert.Empty(await VerifyAsync(Rehash));
    }

    [Fact]
    public async Task Bytes_of_the_wrong_size_stay_because_a_push_replaces_them_anyway()
    {
        var location = await LoseAsync(Layer, cutShort: true);
        await AssertFoundAsync(VerifyKind.SizeMismatch, s_repair);
        Assert.NotNull(await Test.Objects.FindAsync(location, default));
    }

    private async Task<string> SpoilAsync()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(location, "LAYER 1");
        return location;
    }

    private async Task ReplaceAsync(string location)
    {
        await Test.Objects.DeleteAsync(location, null, default);
        await PutObjectAsync(location, "layer 1");
    }
}
