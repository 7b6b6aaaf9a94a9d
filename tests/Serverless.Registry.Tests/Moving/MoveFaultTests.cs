using Serverless.Registry.Moving;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Moving;

/// <summary>A fault at each call that a move makes to either store, and runs that are stopped.</summary>
public sealed class MoveFaultTests : MoveTest
{
    // Few rows at a time, so that the order in which they are written, and deleted, shows.
    private static readonly MoveOptions s_slow = Last with { BatchCount = 2 };

    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_first_run_that_fails_leaves_what_is_right_and_is_gone_on_with(StorageFault fault)
    {
        await FillAsync();
        await MakeReadOnlyAsync();
        Assert.InRange(await FailEverywhereAsync(fault, Target), 150, 2000);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_last_run_that_fails_leaves_what_is_right_and_is_gone_on_with(StorageFault fault)
    {
        await FillAsync();
        await MoveAsync();
        await ChangeAsync();
        await CollectAsync(Source);
        await MakeReadOnlyAsync();
        Assert.InRange(await FailEverywhereAsync(fault, Target), 100, 2000);
    }

    [Fact]
    public async Task A_run_that_is_stopped_is_gone_on_with_and_sends_nothing_twice()
    {
        await FillAsync();
        var all = (await MoveAsync(new MoveOptions { DryRun = true })).Progress;
        using var stop = new CancellationTokenSource();
        var objects = new StoppedObjects(Target.Objects, after: 4, stop);
        var first = new MoveProgress();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Source.NewInstance().MoveTo(Target.Tables, objects).RunAsync(new MoveOptions(), first, null, stop.Token));
        var second = (await MoveAsync()).Progress;
        Assert.Equal((all.Blobs, all.Bytes), (first.Sent + second.Sent, first.Bytes + second.Bytes));
        Assert.InRange(first.Sent, 4, all.Blobs - 1);
        await FinishAsync();
        await AssertMovedAsync();
    }

    [Fact]
    public async Task A_blob_that_storage_fails_to_give_holds_up_no_other_blob_but_all_manifests()
    {
        await FillAsync();
        var name = (await Source.ObjectNamesAsync())[3];
        var failing = new FailingObject(Source.Objects, name);
        var progress = new MoveProgress();
        var move = new ContainerRegistry(Source.Tables, failing, Source.Options, Source.Time).MoveTo(Target.Tables, Target.Objects);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => move.RunAsync(new MoveOptions(), progress, Findings.Add, default));
        Assert.Equal((1L, progress.Blobs - 1), (progress.Failed, progress.Sent));
        Assert.Equal(MoveFindingKind.Failed, Assert.Single(Findings).Kind);
        Assert.Empty(await Target.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.All, default).ToListAsync());
        Findings.Clear();
        Assert.Equal(1, (await FinishAsync()).Sent);
        await AssertMovedAsync();
    }

    private async Task<int> FailEverywhereAsync(StorageFault fault, TestRegistry template)
    {
        var (call, wanted) = (0, await RowsAsync(Source));
        for (var reached = true; reached; call++)
        {
            Target = await CloneAsync(template);
            var probe = new StorageProbe();
            var (fromTables, fromObjects) = probe.Watch((Source.Tables, Source.Objects));
            var (toTables, toObjects) = probe.Watch((Target.Tables, Target.Objects));
            probe.FailAt(call, fault);
            var registry = new ContainerRegistry(fromTables, fromObjects, Source.Options, Source.Time);
            await StorageFaults.FailsAsync(() => registry.MoveTo(toTables, toObjects).RunAsync(s_slow, new MoveProgress(), null, default));
            reached = probe.Calls.Count > call;
            await AssertSoundAsync(Target);
            if ((await Target.NewInstance().Identity.ReadAsync(default)).Container is null)
            {
                // Nobody can write to what is not complete.
                if (await Target.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Identity, default) is not null)
                {
                    await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => Target.NewInstance().DemandWritableAsync(false, default).AsTask());
                }

                Assert.True((await MoveAsync(Last)).Result.IsComplete);
            }

            Assert.Empty(Findings);
            Assert.Equal(wanted, await RowsAsync(Target));
            Assert.Empty((await StoreAudit.ReadAsync((Target.Tables, Target.Objects))).AssertSound().OrphanObjects);
        }

        await AssertMovedAsync();
        return call;
    }

    private sealed class StoppedObjects(IObjectStore inner, int after, CancellationTokenSource stop) : PassingObjectStore(inner)
    {
        private int _puts;

        public override async Task<WriteOutcome> PutAsync(string name, System.Buffers.ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            // The probe is the first.
            if (Interlocked.Increment(ref _puts) > after + 1)
            {
                await stop.CancelAsync();
                throw new OperationCanceledException(stop.Token);
            }

            return await base.PutAsync(name, content, cancellationToken);
        }
    }

    private sealed class FailingObject(IObjectStore inner, string failing) : PassingObjectStore(inner)
    {
        public override Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
            name == failing ? throw new StorageUnavailableException("Simulated: storage is busy.") : base.OpenAsync(name, offset, length, cancellationToken);
    }
}
