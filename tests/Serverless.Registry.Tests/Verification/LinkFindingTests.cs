using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Links, their blobs and their hints.</summary>
public sealed class LinkFindingTests : VerifyTest
{
    private static readonly Digest s_gone = TestRegistry.Sha256Of(TestRegistry.Utf8("gone"));

    private RowKey Link => TableKeys.Link(s_gone, Name);

    [Fact]
    public async Task A_link_to_nothing_is_deleted_and_its_hint_left_to_the_collector()
    {
        await LinkNothingAsync();
        var finding = await AssertHealsAsync(VerifyKind.LinkWithoutBlob);
        Assert.Equal((Name, s_gone), (finding.Repository, finding.Digest));
        Assert.Null(await FindAsync(TableKeys.BlobsTable, Link));
        Assert.NotNull(await FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(Name)));
        for (var run = 0; run < 3; run++)
        {
            Wait();
            await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        }

        Assert.Null(await FindAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, s_gone)));
    }

    [Fact]
    public async Task A_push_heals_what_a_dropped_link_was_to()
    {
        await LinkNothingAsync();
        await VerifyAsync(Repair);
        Assert.Null(await Repository.Blobs.FindAsync(s_gone, default));
        await Repository.Blobs.PutAsync(TestRegistry.Utf8("gone"), default);
        Assert.Equal("gone"u8.ToArray(), await TestRegistry.ReadAsync(Repository, s_gone));
        Assert.Empty(await VerifyAsync(Rehash));
    }

    [Fact]
    public async Task A_link_whose_bytes_are_there_stays_and_so_do_they()
    {
        await DropAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer));
        await AssertStaysAsync(VerifyKind.LinkWithoutBlob);
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
    }

    [Fact]
    public async Task A_link_to_other_bytes_than_its_blob_is_found_and_the_bytes_stay()
    {
        await PutObjectAsync("data/aa/other", "layer 1");
        await ChangeAsync(TableKeys.BlobsTable, TableKeys.Link(Layer, Name), "location", "data/aa/other");
        Wait();
        var finding = await AssertStaysAsync(VerifyKind.LinkElsewhere);
        Assert.Equal((Name, Layer, "data/aa/other"), (finding.Repository, finding.Digest, finding.ObjectName));
    }

    [Fact]
    public async Task A_link_of_another_size_than_its_blob_is_found()
    {
        await ChangeAsync(TableKeys.BlobsTable, TableKeys.Link(Layer, Name), "size", 1L);
        Assert.Equal(Name, (await AssertStaysAsync(VerifyKind.SizeMismatch)).Repository);
    }

    [Fact]
    public async Task A_link_without_a_hint_gets_one()
    {
        await DropAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, Layer));
        var finding = await AssertHealsAsync(VerifyKind.LinkWithoutHint);
        Assert.Equal((Name, Layer), (finding.Repository, finding.Digest));
        Assert.NotNull(await FindAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, Layer)));
        Assert.NotNull(await FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(Name)));
    }

    [Fact]
    public async Task Links_of_a_repository_without_any_rows_get_hints()
    {
        var other = RepositoryName.Parse("other");
        var blob = await FindAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer));
        await Test.Tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Insert(TableKeys.Link(Layer, other), blob!.Properties), default);
        Assert.Equal(other, (await AssertHealsAsync(VerifyKind.LinkWithoutHint)).Repository);
    }

    [Fact]
    public async Task An_old_hint_without_a_link_is_deleted()
    {
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, s_gone));
        Assert.Empty(await VerifyAsync(Repair));
        Wait();
        Assert.Equal(s_gone, (await AssertHealsAsync(VerifyKind.HintWithoutLink)).Digest);
    }

    [Fact]
    public async Task A_hint_that_the_collector_is_about_to_see_is_not_told_of()
    {
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, s_gone));
        await InsertAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(Name));
        Wait();
        Assert.Empty(await VerifyAsync(Repair));
    }

    [Fact]
    public async Task A_hint_that_is_written_meanwhile_stays()
    {
        var hint = TableKeys.Hint(Name, s_gone);
        await InsertAsync(TableKeys.RegistryTable, hint);
        Wait();
        var finding = Assert.Single(await VerifyAsync(Interrupted(hint, () => Test.Tables.WriteAsync(TableKeys.RegistryTable, RowWrite.Note(hint), default)), Repair));
        Assert.False(finding.Repaired);
        Assert.NotNull(await FindAsync(TableKeys.RegistryTable, hint));
    }

    [Fact]
    public async Task A_link_that_is_made_anew_meanwhile_stays()
    {
        await LinkNothingAsync();
        var finding = Assert.Single(await VerifyAsync(Interrupted(Link, () => Repository.Blobs.PutAsync(TestRegistry.Utf8("gone"), default)), Repair));
        Assert.False(finding.Repaired);
        Assert.Equal("gone"u8.ToArray(), await TestRegistry.ReadAsync(Repository, s_gone));
        Assert.Empty(await VerifyAsync(Rehash));
    }

    private async Task LinkNothingAsync()
    {
        await InsertAsync(TableKeys.BlobsTable, Link, ("size", 4L), ("location", "data/aa/gone"));
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, s_gone));
    }

    /// <summary>A registry in which somebody does something right before the row is deleted.</summary>
    private ContainerRegistry Interrupted(RowKey row, Func<Task> other) => new(
        new InterruptedTableStore(Test.Tables, write => write is RowWrite.Delete && write.Key == row, other), Test.Objects, Test.Options, Test.Time);
}
