using Serverless.Registry.Backup;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Backup;

/// <summary>A fault at each call that a backup, or a restoration, makes to the registry or to the archive.</summary>
public sealed class BackupFaultTests : BackupTest
{
    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_backup_that_fails_is_gone_on_with(StorageFault fault)
    {
        await FillAsync();
        var call = 0;
        for (var reached = true; reached; call++)
        {
            var archive = new InMemoryObjectStore(TimeProvider.System);
            var probe = new StorageProbe();
            var (tables, objects) = probe.Watch((Source.Tables, Source.Objects));
            var (_, archiveObjects) = probe.Watch((Source.Tables, archive));
            probe.FailAt(call, fault);
            var registry = new ContainerRegistry(tables, objects, Source.Options, Source.Time);
            await StorageFaults.FailsAsync(() => registry.Backups(new ContainerArchive(archiveObjects)).RunAsync(false, new BackupProgress(), null, default));
            reached = probe.Calls.Count > call;
            Source.Time.Advance(TimeSpan.FromMinutes(1));
            var backup = await Source.NewInstance().Backups(new ContainerArchive(archive)).RunAsync(false, new BackupProgress(), null, default);
            Assert.Equal((true, 2L), (backup.Ended is not null, backup.Repositories));
            var target = new TestRegistry();
            await target.Registry.Backups(new ContainerArchive(archive)).RestoreAsync(new RestoreOptions(backup.Name, null, true), new BackupProgress(), Findings.Add, default);
            Assert.Empty(Findings);
            Assert.Equal(await SeenAsync(Source), await SeenAsync(target));
        }

        Assert.InRange(call, 20, 1000);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_restoration_that_fails_leaves_nothing_dangling_and_is_repeated(StorageFault fault)
    {
        await FillAsync();
        var (backup, _) = await BackUpAsync();
        var call = 0;
        for (var reached = true; reached; call++)
        {
            var target = new TestRegistry();
            var probe = new StorageProbe();
            var (tables, objects) = probe.Watch((target.Tables, target.Objects));
            probe.FailAt(call, fault);
            var registry = new ContainerRegistry(tables, objects, target.Options, target.Time);
            await StorageFaults.FailsAsync(() => registry.Backups(Archive).RestoreAsync(new RestoreOptions(backup.Name, null, true), new BackupProgress(), null, default));
            reached = probe.Calls.Count > call;
            (await StoreAudit.ReadAsync((target.Tables, target.Objects))).AssertSound();
            await RestoreAsync(target);
            Assert.Empty(Findings);
            Assert.Equal(await SeenAsync(Source), await SeenAsync(target));
            await AssertWholeAsync(target);
        }

        Assert.InRange(call, 40, 2000);
    }

    [Fact]
    public async Task A_run_that_is_stopped_is_gone_on_with()
    {
        await FillAsync();
        using var stop = new CancellationTokenSource();
        var archive = new StoppedArchive(Archive, after: 4, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Source.Registry.Backups(archive).RunAsync(false, new BackupProgress(), null, stop.Token));
        Assert.Null(Assert.Single(await Source.Registry.Backups(Archive).ListAsync(default)).Ended);
        var progress = new BackupProgress();
        Assert.Null(await Target.Registry.Backups(Archive).RestoreAsync(new RestoreOptions(null, null, true), progress, null, default));
        var (backup, second) = await BackUpAsync();
        Assert.NotNull(backup.Ended);
        Assert.InRange(second.Copied, 3, 5);
        await RestoreAsync();
        Assert.Equal(await SeenAsync(Source), await SeenAsync(Target));
    }

    private async Task FillAsync()
    {
        var image = await TestRegistry.PushImageAsync(App, "1", "v1", "latest");
        await App.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(image.Descriptor).Build(), TestRegistry.TagsOf("all"), default);
        var other = Source.Open("b");
        var large = await other.Blobs.PutAsync(TestRegistry.Body(Any.Content(3 * TestRegistry.BlockSize)), null, default);
        await other.Manifests.PutAsync(await TestRegistry.BuildImageAsync(other, "2", b => b.Append(large with { MediaType = MediaTypes.OciLayerGzip })), TestRegistry.TagsOf("v2"), default);
    }

    private sealed class StoppedArchive(IBackupArchive inner, int after, CancellationTokenSource stop) : IBackupArchive
    {
        private int _writes;

        public Task<long?> FindSizeAsync(string name, CancellationToken cancellationToken) => inner.FindSizeAsync(name, cancellationToken);

        public async Task WriteAsync(string name, Stream content, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _writes) > after)
            {
                await stop.CancelAsync();
                throw new OperationCanceledException(stop.Token);
            }

            await inner.WriteAsync(name, content, cancellationToken);
        }

        public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => inner.OpenAsync(name, cancellationToken);

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);
    }
}
