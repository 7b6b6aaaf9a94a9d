using Serverless.Registry.Backup;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Adoption;

/// <summary>What becomes of adopted blobs: they are collected, pushed again, adopted again, healed, backed up and signed like others.</summary>
public sealed class AdoptionLifeTests : AdoptionTest
{
    [Fact]
    public async Task Bytes_that_nobody_uses_any_more_are_collected_from_where_they_lie()
    {
        var (first, _, _) = await FillAsync();
        await AdoptAsync();
        await DeleteAsync("all");
        await DeleteAsync("v1");
        await CollectAsync();
        Assert.Null(await Test.Objects.FindAsync(There.DataOf(first.Content.Blobs[2].Digest), default));
        Assert.NotNull(await Test.Objects.FindAsync(There.DataOf(TestRegistry.Sha256Of(Base)), default));
        await AssertWholeAsync();
    }

    [Fact]
    public async Task What_was_collected_is_copied_and_not_adopted_again()
    {
        var (first, _, _) = await FillAsync();
        await AdoptAsync();
        await DeleteAsync("all");
        await DeleteAsync("v1");
        await CollectAsync();
        // Somebody has put the storage of distribution back.
        await There.PutImageAsync("team/app", "1", [Base, Any.Content(3000, 2)], "v1");
        var dry = await AdoptAsync(Options() with { DryRun = true });
        var progress = await AdoptAsync();
        Assert.Equal((2L, 0L), (progress.Copied, progress.Blobs));
        Assert.Equal((2L, 0L), (dry.Copied, dry.Blobs));
        Assert.StartsWith(TableKeys.ObjectPrefix, await LocationAsync(first.Content.Blobs[2].Digest), StringComparison.Ordinal);
        await AssertPulledAsync("team/app", "v1", first);
        await AssertWholeAsync();
    }

    // A collection that somebody began by hand holds no claim, and may be held still for however long.
    [Fact]
    public async Task A_collector_that_comes_late_deletes_nothing_that_is_in_use_again()
    {
        var (first, _, _) = await FillAsync();
        await AdoptAsync();
        await DeleteAsync("all");
        await DeleteAsync("v1");
        var bytes = There.DataOf(first.Content.Blobs[2].Digest);
        Test.Time.Advance(Test.Options.Grace * 2);
        await Test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        Test.Time.Advance(Test.Options.Grace * 2);
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((Test.Tables, Test.Objects));
        // It dies when the blob's row is gone and its bytes are not.
        var collector = new ContainerRegistry(tables, new DyingDeletes(objects, bytes), Test.Options, Test.Time).GarbageCollector;
        await StorageFaults.FailsAsync(() => collector.CollectAsync(new CollectionOptions { MaxParallel = 1 }, null, default));
        Assert.NotNull(await Test.Objects.FindAsync(bytes, default));
        Assert.Null(await Test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(first.Content.Blobs[2].Digest), default));

        await AdoptAsync();
        await AssertPulledAsync("team/app", "v1", first);
        await CollectAsync();
        Assert.Null(await Test.Objects.FindAsync(bytes, default));
        await AssertPulledAsync("team/app", "v1", first);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task What_was_collected_can_be_pushed_again()
    {
        var (first, _, _) = await FillAsync();
        await AdoptAsync();
        await DeleteAsync("all");
        await DeleteAsync("v1");
        await CollectAsync();
        await Test.Repository.Blobs.PutAsync(TestRegistry.Utf8("{\"seed\":\"1\"}"), default);
        await Test.Repository.Blobs.PutAsync(Any.Content(3000, 2), default);
        await Test.Repository.Blobs.PutAsync(Base, default);
        await Test.Repository.Manifests.PutAsync(first, TestRegistry.TagsOf("v1"), default);
        await AssertPulledAsync("team/app", "v1", first);
        await AssertWholeAsync();
        await CollectAsync();
        await AssertPulledAsync("team/app", "v1", first);
    }

    [Fact]
    public async Task A_blob_that_the_registry_has_already_keeps_its_own_bytes()
    {
        await FillAsync();
        var mine = await TestRegistry.BuildImageAsync(Test.Open("mine"), "mine");
        var layer = await Test.Open("mine").Blobs.PutAsync(Base, default);
        var progress = await AdoptAsync();
        Assert.Equal((4L, 2L), (progress.Blobs, progress.Shared));
        Assert.StartsWith(TableKeys.ObjectPrefix, await LocationAsync(layer.Digest), StringComparison.Ordinal);
        Assert.NotNull(mine);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task A_blob_that_has_lost_its_bytes_gets_them_back()
    {
        var (first, _, _) = await FillAsync();
        var layer = await Test.Open("mine").Blobs.PutAsync(Base, default);
        await Test.Objects.DeleteAsync(await LocationAsync(layer.Digest), null, default);
        await AdoptAsync();
        Assert.Empty(Findings);
        Assert.StartsWith(TableKeys.ObjectPrefix, await LocationAsync(layer.Digest), StringComparison.Ordinal);
        await AssertPulledAsync("team/app", "v1", first);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task Adopted_bytes_that_are_lost_come_back_under_their_name_with_a_push()
    {
        var (first, _, _) = await FillAsync();
        await AdoptAsync();
        await Test.Objects.DeleteAsync(There.DataOf(TestRegistry.Sha256Of(Base)), null, default);
        await Test.Open("base").Blobs.PutAsync(Base, default);
        Assert.NotNull(await Test.Objects.FindAsync(There.DataOf(TestRegistry.Sha256Of(Base)), default));
        await AssertPulledAsync("team/app", "v1", first);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task Verification_takes_nothing_of_distribution_for_bytes_that_nobody_names()
    {
        await FillAsync();
        await There.PutBytesAsync(Any.Content(100, 9));
        await AdoptAsync();
        var before = await NamesThereAsync();
        Test.Time.Advance(TimeSpan.FromDays(30));
        List<VerifyFinding> findings = [];
        await Test.NewInstance().Verifier.RunAsync(new VerifyOptions { Repair = true, RehashDigests = true, DeleteOrphans = true, MostAtOnce = 2 }, findings.Add, default);
        Assert.Empty(findings);
        Assert.Equal(before, await NamesThereAsync());
    }

    [Fact]
    public async Task Verification_finds_what_adopted_blobs_have_lost()
    {
        await FillAsync();
        await AdoptAsync();
        await Test.Objects.DeleteAsync(There.DataOf(TestRegistry.Sha256Of(Base)), null, default);
        List<VerifyFinding> findings = [];
        await Test.NewInstance().Verifier.RunAsync(new VerifyOptions(), findings.Add, default);
        Assert.Equal((VerifyKind.MissingBytes, TestRegistry.Sha256Of(Base)), (Assert.Single(findings).Kind, findings[0].Digest));
    }

    [Fact]
    public async Task A_backup_has_adopted_blobs_and_restores_them_elsewhere()
    {
        var (first, _, _) = await FillAsync();
        await AdoptAsync();
        var archive = new ContainerArchive(new InMemoryObjectStore(TimeProvider.System));
        await Test.Registry.Backups(archive).RunAsync(false, new BackupProgress(), null, default);
        var target = new TestRegistry();
        List<BackupFinding> lost = [];
        await target.Registry.Backups(archive).RestoreAsync(new RestoreOptions(null, null, true), new BackupProgress(), lost.Add, default);
        Assert.Empty(lost);
        Assert.Equal(Base, await TestRegistry.ReadAsync(target.Repository, TestRegistry.Sha256Of(Base)));
        Assert.NotNull(await target.Repository.Manifests.FindAsync(TestRegistry.By(first.Digest), default));
    }

    [Fact]
    public async Task Downloads_of_adopted_blobs_are_signed_where_they_lie()
    {
        await FillAsync();
        await AdoptAsync();
        var url = await (await Test.Repository.Blobs.FindAsync(TestRegistry.Sha256Of(Base), default))!.SignReadAsync(TimeSpan.FromMinutes(1), default);
        Assert.Contains(Uri.EscapeDataString(There.DataOf(TestRegistry.Sha256Of(Base))), url!.Query, StringComparison.Ordinal);
    }

    private async Task DeleteAsync(string tag) =>
        Assert.True(await Test.Repository.Manifests.DeleteAsync((await Test.Repository.Tags.FindAsync(Tag.Parse(tag), default))!.Digest, default));

    private async Task CollectAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            Test.Time.Advance(Test.Options.Grace * 2);
            await Test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        }
    }

    /// <summary>Dies where it is to delete an object.</summary>
    private sealed class DyingDeletes(IObjectStore inner, string name) : Tests.Storage.PassingObjectStore(inner)
    {
        public override Task<WriteOutcome> DeleteAsync(string deleted, string? etag, CancellationToken cancellationToken) =>
            deleted == name ? throw new SimulatedCrashException() : base.DeleteAsync(deleted, etag, cancellationToken);
    }
}
