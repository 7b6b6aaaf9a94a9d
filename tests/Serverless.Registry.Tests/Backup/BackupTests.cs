using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Backup;
using Serverless.Registry.Events;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Backup;

public sealed class BackupTests : BackupTest
{
    [Fact]
    public async Task What_was_pushed_is_restored_to_an_empty_registry()
    {
        var first = await TestRegistry.PushImageAsync(App, "1", "v1", "latest");
        Source.Time.Advance(TimeSpan.FromDays(3));
        var second = await TestRegistry.PushImageAsync(App, "2", "latest");
        var other = Source.Open("team/app/extra");
        await TestRegistry.PushImageAsync(other, "1", "x");
        var index = ManifestBuilder.ForIndex().Append(first.Descriptor).Append(second.Descriptor).Build();
        await App.Manifests.PutAsync(index, [], default);
        await Source.Registry.GetRepository(App.Name, ChangeOrigin.Of("ann")).Manifests.PutAsync(ManifestBuilder.ForIndex().Append(index.Descriptor).Build(), TestRegistry.TagsOf("all"), default);
        var signature = await TestRegistry.BuildImageAsync(App, "s", b => (b.Subject, b.ArtifactType) = (first.Descriptor, "application/x.sig"));
        await App.Manifests.PutAsync(signature, [], default);
        var large = await TestRegistry.BuildImageAsync(App, "l", b => b.Annotations["text"] = new string('x', 700 * 1024));
        await App.Manifests.PutAsync(large, TestRegistry.TagsOf("large"), default);
        await App.Blobs.PutAsync(Any.Content(100), default);

        var (backup, progress) = await BackUpAsync();
        Assert.Equal((2, 7, 5, 0, 0), (backup.Repositories, progress.Manifests, progress.Tags, progress.Findings, progress.Failed));
        Assert.NotNull(backup.Ended);
        Target.Time.Advance(TimeSpan.FromDays(400));
        var restored = await RestoreAsync();
        Assert.Empty(Findings);
        Assert.Equal((2, 7, 5), (restored.Repositories, restored.Manifests, restored.Tags));
        var unnamed = $"{App.Name} blob {TestRegistry.Sha256Of(Any.Content(100))} 100";
        Assert.Equal((await SeenAsync(Source)).Where(s => s != unnamed), await SeenAsync(Target));
        Assert.Equal(await PushedAsync(Source, "team/app", "v1"), await PushedAsync(Target, "team/app", "v1"));
        Assert.Equal("ann", (await Target.Repository.Tags.ListHistoryAsync(Tag.Parse("all"), default).Skip(1).FirstAsync()).Actor);
        Assert.Equal(
            await App.Tags.ListHistoryAsync(Tag.Parse("latest"), default).ToListAsync(),
            await Target.Repository.Tags.ListHistoryAsync(Tag.Parse("latest"), default).Skip(1).ToListAsync());
        await AssertWholeAsync(Target);
        // Nothing is garbage, now or later.
        Target.Time.Advance(TimeSpan.FromDays(3));
        await Target.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        Assert.Equal((await SeenAsync(Source)).Where(s => s != unnamed), await SeenAsync(Target));
    }

    [Fact]
    public async Task The_next_backup_copies_what_is_new()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1");
        Assert.Equal(2, (await BackUpAsync()).Progress.Copied);
        await TestRegistry.PushImageAsync(App, "2", "v2");
        var (second, progress) = await BackUpAsync();
        Assert.Equal((2, 4), (progress.Copied, progress.Blobs));
        Assert.Equal(2, (await Source.Registry.Backups(Archive).ListAsync(default)).Count);
        Assert.Equal(second, (await Source.Registry.Backups(Archive).ListAsync(default))[^1]);
    }

    [Fact]
    public async Task A_blob_that_two_repositories_have_is_sent_back_once()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1");
        await TestRegistry.PushImageAsync(Source.Open("b"), "1", "v1");
        await BackUpAsync();
        Assert.InRange((await RestoreAsync()).Copied, 2, 4);
        Assert.Equal(2, (await StoreAudit.ReadAsync((Target.Tables, Target.Objects))).AssertSound().ObjectCount);
    }

    [Fact]
    public async Task A_restoration_moves_no_tag_and_can_be_repeated()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1", "latest");
        await BackUpAsync();
        var newer = await TestRegistry.PushImageAsync(App, "2", "latest");
        await App.Tags.DeleteAsync(Tag.Parse("v1"), default);
        for (var i = 0; i < 2; i++)
        {
            var progress = await RestoreAsync(Source);
            Assert.Equal(0, progress.Copied);
            Assert.Equal(newer.Digest, (await App.Tags.FindAsync(Tag.Parse("latest"), default))!.Digest);
            Assert.NotNull(await App.Tags.FindAsync(Tag.Parse("v1"), default));
        }

        Assert.Equal(2, await App.Tags.ListHistoryAsync(Tag.Parse("latest"), default).CountAsync());
        // Of a tag that was there it is known when it was pulled; one that comes back counts as just pulled.
        Assert.Null(await App.Tags.FindLastPullAsync(TestRegistry.By("latest"), default));
        Assert.NotNull(await App.Tags.FindLastPullAsync(TestRegistry.By("v1"), default));
        Assert.Empty(Findings);
        await AssertWholeAsync(Source);
    }

    [Fact]
    public async Task Tables_that_were_lost_come_back_without_sending_a_byte()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1");
        await BackUpAsync();
        var bare = new TestRegistry();
        await foreach (var item in Source.Objects.ListAsync("data/", default))
        {
            await using var bytes = await Source.Objects.OpenAsync(item.Name, 0, null, default);
            using var copy = new MemoryStream();
            await bytes!.CopyToAsync(copy);
            await bare.Objects.PutAsync(item.Name, new(copy.ToArray()), default);
        }

        Assert.Equal(0, (await RestoreAsync(bare)).Copied);
        Assert.Equal(await SeenAsync(Source), await SeenAsync(bare));
        await AssertWholeAsync(bare);
    }

    [Fact]
    public async Task Bytes_that_were_lost_come_back_under_their_names()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1");
        await BackUpAsync();
        foreach (var name in await Source.ObjectNamesAsync()) await Source.Objects.DeleteAsync(name, null, default);
        Assert.Equal(2, (await RestoreAsync(Source)).Copied);
        await AssertWholeAsync(Source);
    }

    [Fact]
    public async Task One_repository_is_restored_alone()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1");
        await TestRegistry.PushImageAsync(Source.Open("b"), "2", "v1");
        await BackUpAsync();
        await RestoreAsync(options: new RestoreOptions(null, RepositoryName.Parse("b"), Accounts: false));
        Assert.Equal(["b"], (await Target.Registry.ListAsync(default).ToListAsync()).Select(n => n.ToString()));
        await RestoreAsync(options: new RestoreOptions(null, RepositoryName.Parse("c"), Accounts: false));
        Assert.Equal("not in the backup", Assert.Single(Findings).Note);
    }

    [Fact]
    public async Task Accounts_come_back_only_where_that_is_asked_for()
    {
        var name = AccountName.Parse("ann");
        await new AccountStore(Source.Tables, Source.Time).AddAsync(new Account { Name = name, PasswordHashes = ["hash", null], Scopes = ["devs"] }, default);
        await BackUpAsync();
        var accounts = new AccountStore(Target.Tables, Target.Time);
        await RestoreAsync(options: new RestoreOptions(null, null, Accounts: false));
        Assert.Null(await accounts.FindAsync(name, default));
        await RestoreAsync();
        var account = Assert.IsType<Account>(await accounts.FindAsync(name, default));
        Assert.Equal(("hash", "devs"), (account.PasswordHashes[0], account.Scopes.Single()));
    }

    [Fact]
    public async Task What_the_registry_lacks_is_told_and_the_rest_is_taken()
    {
        var image = await TestRegistry.PushImageAsync(App, "1", "v1");
        var broken = await TestRegistry.PushImageAsync(App, "2", "v2");
        var damaged = await TestRegistry.PushImageAsync(App, "3", "v3");
        var (layer, wrong) = (broken.Content.Blobs[1].Digest, damaged.Content.Blobs[1].Digest);
        await App.Blobs.DeleteAsync(layer, default);
        var row = await Source.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(wrong), default);
        await Source.Objects.DeleteAsync(row!.GetString("location"), null, default);
        await Source.Objects.PutAsync(row.GetString("location"), new("layer x"u8.ToArray()), default);
        var (backup, _) = await BackUpAsync();
        Assert.NotNull(backup.Ended);
        Assert.Equal(new[] { layer, wrong }.Select(d => d.ToString()).Order(), Findings.Select(f => f.What).Order());
        Findings.Clear();
        await RestoreAsync();
        Assert.Equal(4, Findings.Count);
        Assert.Equal(image.Digest, Assert.Single(await Target.Repository.Manifests.ListAsync(default).ToListAsync()).Digest);
        await AssertWholeAsync(Target);
    }

    [Fact]
    public async Task An_archive_that_is_damaged_restores_what_is_whole()
    {
        var image = await TestRegistry.PushImageAsync(App, "1", "v1");
        await TestRegistry.PushImageAsync(App, "2", "v2");
        await BackUpAsync();
        var file = $"blobs/sha256/{image.Content.Blobs[1].Digest.Hex}";
        await ArchiveObjects.DeleteAsync(file, null, default);
        await ArchiveObjects.PutAsync(file, new("layer 9"u8.ToArray()), default);
        await RestoreAsync();
        Assert.Equal(3, Findings.Count);
        Assert.Single(await Target.Repository.Tags.ListAsync(default).ToListAsync());
        await AssertWholeAsync(Target);
    }

    [Fact]
    public async Task Another_registrys_archive_is_refused()
    {
        await TestRegistry.PushImageAsync(App, "1", "v1");
        await BackUpAsync();
        await TestRegistry.PushImageAsync(Target.Repository, "1", "v1");
        await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => Target.Registry.Backups(Archive).RunAsync(false, new BackupProgress(), null, default));
    }

    [Fact]
    public async Task Old_backups_go_with_the_blobs_that_only_they_name()
    {
        var old = await TestRegistry.PushImageAsync(App, "1", "v1");
        await BackUpAsync();
        await App.Manifests.DeleteAsync(old.Digest, default);
        await TestRegistry.PushImageAsync(App, "2", "v2");
        await BackUpAsync(anew: true);
        await TestRegistry.PushImageAsync(App, "3", "v3");
        var (last, _) = await BackUpAsync();
        var backups = Source.Registry.Backups(Archive);
        Assert.Equal((1, 2), await PruneAsync(2));
        Assert.Equal((1, 0), await PruneAsync(1));
        Assert.Equal((0, 0), await PruneAsync(1));
        Assert.Equal(last, Assert.Single(await backups.ListAsync(default)));
        await RestoreAsync();
        Assert.Empty(Findings);
        Assert.Equal((await SeenAsync(Source)).Where(s => !s.Contains(" blob ", StringComparison.Ordinal)), (await SeenAsync(Target)).Where(s => !s.Contains(" blob ", StringComparison.Ordinal)));

        async Task<(int, long)> PruneAsync(int keep)
        {
            var (gone, blobs) = await backups.PruneAsync(keep, default);
            return (gone.Count, blobs);
        }
    }
}
