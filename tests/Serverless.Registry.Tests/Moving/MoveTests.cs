using System.Buffers;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Adoption;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Moving;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Backup;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Moving;

/// <summary>What comes along, what does not, and what the target is in the end.</summary>
public sealed class MoveTests : MoveTest
{
    [Fact]
    public async Task Everything_that_a_registry_is_comes_along()
    {
        await FillAsync();
        var progress = await FinishAsync();
        await AssertMovedAsync();
        Assert.Equal((0L, 0L, 0L, 0L), (progress.Left, progress.Refused, progress.Failed, progress.Deleted));
        Assert.Equal(progress.Rows, progress.Written);
        Assert.Equal(progress.Blobs, progress.Sent);
        Assert.True(progress.Sent > 8 && progress.Bytes > 700 * 1024);
        var accounts = new AccountStore(Target.Tables, Target.Time);
        Assert.Equal(["team"], (await accounts.FindAsync(AccountName.Parse("ann"), default))!.Scopes);
        Assert.Equal(["a", "b"], (await accounts.FindAsync(AccountName.Parse("ci"), default))!.PasswordHashes);
        Assert.Equal("v1", Assert.Single(await Target.Registry.Locks.ListAsync(default)).Reference.ToString());
        Assert.Equal(2, (await TestRegistry.ListAsync(Target.Repository.Tags.ListHistoryAsync(Tag.Parse("latest"), default))).Count);
        // Uploads begin anew, and the target goes by its own switches.
        Assert.DoesNotContain(await KeysAsync(Target, TableKeys.RegistryTable), k => k.Row.StartsWith(TableKeys.UploadPrefix, StringComparison.Ordinal));
        Assert.False((await Target.NewInstance().Switches.GetAsync(default)).ReadOnly);
    }

    [Fact]
    public async Task The_target_is_pushed_to_and_collected_like_any_registry()
    {
        await FillAsync();
        await FinishAsync();
        var seen = await BackupTest.SeenAsync(Source);
        for (var i = 0; i < 3; i++)
        {
            Target.Time.Advance(Target.Options.Grace + TimeSpan.FromSeconds(1));
            await Target.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        }

        // What was deleted before the move is collected, and nothing that lives.
        Assert.Equal(seen.Where(s => !s.StartsWith("b blob", StringComparison.Ordinal)), (await BackupTest.SeenAsync(Target)).Where(s => !s.StartsWith("b blob", StringComparison.Ordinal)));
        var gone = TestRegistry.Sha256Of(TestRegistry.Utf8("layer 4"));
        Assert.Null(await Target.Open("b").Blobs.FindAsync(gone, default));
        await BackupTest.AssertWholeAsync(Target);
        var image = await TestRegistry.PushImageAsync(Target.Repository, "6", "v6");
        Assert.Equal(image.Digest, (await Target.Repository.Tags.FindAsync(Tag.Parse("v6"), default))!.Digest);
        Assert.NotNull(await Target.Repository.Manifests.UndeleteAsync(TestRegistry.By(await DeleteAsync("v2")), default));
    }

    [Fact]
    public async Task A_deletion_of_before_the_move_is_undone_after_it()
    {
        await FillAsync();
        await FinishAsync();
        var deleted = Assert.Single(await TestRegistry.ListAsync(Target.Open("b").Manifests.ListDeletedAsync(default)));
        Assert.NotNull(await Target.Open("b").Manifests.UndeleteAsync(deleted.Reference, default));
        Assert.NotNull(await Target.Open("b").Tags.FindAsync(Tag.Parse("old"), default));
        await AssertSoundAsync(Target);
    }

    [Fact]
    public async Task Rows_are_moved_as_they_are_with_what_only_a_newer_release_knows()
    {
        await FillAsync();
        var row = new RowKey("team.app", "z:1");
        var properties = new Dictionary<string, object> { ["text"] = "é", ["number"] = 1, ["long"] = 1L << 40, ["flag"] = true, ["bytes"] = new byte[] { 1, 2 } };
        await Source.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Insert(row, properties), default);
        await Source.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(new RowKey("usage:team", "x"), properties), default);
        await Source.Tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Insert(new RowKey("sha256:" + new string('a', 64), "~z"), properties), default);
        await Source.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Merge(TableKeys.Tag(App.Name, Tag.Parse("v1")), new Dictionary<string, object> { ["color"] = "red" }, "*"), default);
        await FinishAsync();
        await AssertMovedAsync();
        Assert.Equal(properties, (await Target.Tables.FindAsync(TableKeys.RegistryTable, row, default))!.Properties);
    }

    [Fact]
    public async Task Adopted_blobs_come_to_names_that_are_random_and_stay_right()
    {
        var there = new DistributionStorage(Source.Objects);
        var image = await there.PutImageAsync("team/app", "1", [Any.Content(5000)], "v1");
        Wait(TimeSpan.FromHours(2));
        await Source.Registry.Adoption.RunAsync(new AdoptOptions(["Collect"]), new AdoptProgress(), null, null, default);
        await MoveAsync();
        await FinishAsync();
        Assert.Empty(Findings);
        await BackupTest.AssertWholeAsync(Target);
        Assert.Equal(await BackupTest.SeenAsync(Source), await BackupTest.SeenAsync(Target));
        Assert.Equal(2, (await Target.ObjectNamesAsync()).Count);
        Assert.NotNull(await Target.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Adopted(image.Content.Blobs[1].Digest), default));
        // The collector deletes them like others.
        await Target.Repository.Manifests.DeleteAsync(image.Digest, default);
        await CollectAsync(Target);
        Assert.Empty(await Target.ObjectNamesAsync());
    }

    [Fact]
    public async Task The_next_run_sends_what_is_new_and_writes_what_has_changed()
    {
        await FillAsync();
        var (result, first) = await MoveAsync();
        Assert.Equal(new MoveResult(false, false), result);
        Wait(TimeSpan.FromMinutes(5));
        var again = (await MoveAsync()).Progress;
        Assert.Equal((0L, 0L, first.Rows), (again.Written, again.Sent, again.Rows));
        Wait(TimeSpan.FromMinutes(5));
        await TestRegistry.PushImageAsync(App, "9", "v9");
        var next = (await MoveAsync()).Progress;
        Assert.Equal(2, next.Sent);
        Assert.InRange(next.Written, 10, 25);
        var last = await FinishAsync();
        Assert.Equal((0L, 0L, 0L), (last.Written, last.Sent, last.Deleted));
        await AssertMovedAsync();
    }

    [Fact]
    public async Task What_was_touched_in_the_source_is_not_older_in_the_target()
    {
        await FillAsync();
        await MoveAsync();
        Wait(TimeSpan.FromHours(20));
        var blob = TestRegistry.Sha256Of(TestRegistry.Utf8("layer 1"));
        await App.Blobs.FindAndKeepAsync(blob, default);
        await FinishAsync();
        var link = await Target.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(blob, App.Name), default);
        Assert.True(Target.Time.GetUtcNow() - link!.Timestamp < TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task What_the_source_has_lost_since_goes_with_the_last_run_only()
    {
        await FillAsync();
        await MoveAsync();
        await ChangeAsync();
        await CollectAsync(Source);
        await MoveAsync();
        await AssertSoundAsync(Target);
        Assert.NotNull(await Target.Open("b").Tags.FindAsync(Tag.Parse("large"), default));
        Assert.NotNull(await new AccountStore(Target.Tables, Target.Time).FindAsync(AccountName.Parse("ann"), default));
        var last = await FinishAsync();
        await AssertMovedAsync();
        Assert.True(last.Deleted > 20 && last.Orphans >= 4);
        Assert.Null(await Target.Open("b").Tags.FindAsync(Tag.Parse("large"), default));
        Assert.Equal(await Source.ObjectNamesAsync(), await Target.ObjectNamesAsync());
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_done_and_writes_nothing()
    {
        await FillAsync();
        var dry = (await MoveAsync(new MoveOptions { DryRun = true })).Progress;
        Assert.Empty(await KeysAsync(Target, TableKeys.RegistryTable));
        Assert.Empty(await KeysAsync(Target, TableKeys.SystemTable));
        Assert.Empty(await TestRegistry.ListAsync(Target.Objects.ListAsync("", default)));
        var first = (await MoveAsync()).Progress;
        Assert.Equal((first.Rows, first.Written, first.Sent, first.Bytes), (dry.Rows, dry.Written, dry.Sent, dry.Bytes));
        await ChangeAsync();
        await CollectAsync(Source);
        var keys = await KeysAsync(Target, TableKeys.RegistryTable);
        dry = (await MoveAsync(Last with { DryRun = true })).Progress;
        Assert.Equal(keys, await KeysAsync(Target, TableKeys.RegistryTable));
        var last = await FinishAsync();
        Assert.Equal((last.Written, last.Sent, last.Deleted, last.Orphans), (dry.Written, dry.Sent, dry.Deleted, dry.Orphans));
    }

    [Fact]
    public async Task Wrong_and_missing_bytes_are_refused_and_everything_else_comes()
    {
        await FillAsync();
        var (wrong, missing, cut) = (TestRegistry.Utf8("layer 1"), TestRegistry.Utf8("layer 2"), Any.Content((3 * TestRegistry.BlockSize) + 5));
        await ReplaceAsync(TestRegistry.Sha256Of(wrong), TestRegistry.Utf8("LAYER 1"));
        await ReplaceAsync(TestRegistry.Sha256Of(missing), null);
        await ReplaceAsync(Digest.Compute(DigestAlgorithm.Sha512, cut), cut[..^1]);
        var (result, progress) = await MoveAsync();
        Assert.False(result.IsComplete);
        Assert.Equal((3L, 0L), (progress.Refused, progress.Failed));
        await MakeReadOnlyAsync();
        Findings.Clear();
        Assert.True((await MoveAsync(Last)).Result.IsComplete);
        Assert.All(Findings, f => Assert.Equal(MoveFindingKind.Refused, f.Kind));
        Assert.Equal(
            new[] { TestRegistry.Sha256Of(wrong), TestRegistry.Sha256Of(missing), Digest.Compute(DigestAlgorithm.Sha512, cut) }.Select(d => d.ToString()).Order(),
            Findings.Select(f => f.What).Order());
        Assert.Contains(Findings, f => f.Note.StartsWith("the bytes that are stored have the digest sha256:", StringComparison.Ordinal));
        Assert.Contains(Findings, f => f.Note.StartsWith("the bytes are not in storage: data/", StringComparison.Ordinal));
        Assert.Contains(Findings, f => f.Note.Contains("bytes are stored of a blob of", StringComparison.Ordinal));
        // Clients find that they are not there, and push them again.
        (await StoreAudit.ReadAsync((Target.Tables, Target.Objects))).AssertBlobsSound();
        Assert.Null(await Target.Repository.Blobs.FindAsync(TestRegistry.Sha256Of(wrong), default));
        await Target.Repository.Blobs.PutAsync(wrong, default);
        await Target.Repository.Blobs.PutAsync(missing, default);
        await Target.Open("b").Blobs.PutAsync(TestRegistry.Body(cut), Digest.Compute(DigestAlgorithm.Sha512, cut), default);
        await BackupTest.AssertWholeAsync(Target);
    }

    [Fact]
    public async Task Bytes_that_the_target_has_lost_or_has_in_part_are_sent_again()
    {
        await FillAsync();
        await MoveAsync();
        var names = await Target.ObjectNamesAsync();
        foreach (var name in names) await Target.Objects.DeleteAsync(name, null, default);
        foreach (var name in names.Skip(1)) await Target.Objects.PutAsync(name, new ReadOnlySequence<byte>(new byte[1_000_000]), default);
        Assert.Equal(names.Count, (await FinishAsync()).Sent);
        await AssertMovedAsync();
    }

    [Fact]
    public async Task It_moves_there_and_back()
    {
        await FillAsync();
        await FinishAsync();
        await TestRegistry.PushImageAsync(Target.Repository, "home", "home");
        await Target.Repository.Tags.DeleteAsync(Tag.Parse("v2"), default);
        await Target.Registry.Switches.SetAsync(new SwitchState(ReadOnly: true), default);
        Wait(TimeSpan.FromMinutes(3));
        var back = Target.NewInstance().MoveTo(Source.Tables, Source.Objects);
        var refusal = await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => back.RunAsync(Last, new MoveProgress(), null, default));
        Assert.Contains("--replace", refusal.Message, StringComparison.Ordinal);
        var progress = new MoveProgress();
        Assert.True((await back.RunAsync(Last with { Replace = true }, progress, Findings.Add, default)).IsComplete);
        Assert.Equal(2, progress.Sent);
        await AssertMovedAsync();
        Assert.NotNull(await Source.NewInstance().GetRepository(App.Name).Tags.FindAsync(Tag.Parse("home"), default));
    }

    private async Task ReplaceAsync(Digest digest, byte[]? content)
    {
        var row = await Source.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default);
        await Source.Objects.DeleteAsync(row!.GetString("location"), null, default);
        if (content is not null) await Source.Objects.PutAsync(row.GetString("location"), new ReadOnlySequence<byte>(content), default);
    }

    private async Task<Digest> DeleteAsync(string tag)
    {
        var digest = (await Target.Repository.Tags.FindAsync(Tag.Parse(tag), default))!.Digest;
        await Target.Repository.Manifests.PutAsync(await TestRegistry.BuildImageAsync(Target.Repository, "7"), TestRegistry.TagsOf("v7"), default);
        var image = (await Target.Repository.Tags.FindAsync(Tag.Parse("v7"), default))!.Digest;
        Assert.NotEqual(digest, image);
        await Target.Repository.Manifests.DeleteAsync(image, default);
        return image;
    }

    private static async Task<List<RowKey>> KeysAsync(TestRegistry registry, string table) => await registry.Tables.ListAsync(table, RowQuery.All, default).Select(r => r.Key).ToListAsync();
}
