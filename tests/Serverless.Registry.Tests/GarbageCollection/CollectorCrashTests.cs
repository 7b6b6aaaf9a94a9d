using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>A fault at every storage call of a collection, one after the other: nothing dangles, and the next runs do what was left.</summary>
public sealed class CollectorCrashTests
{
    private const string Doomed = "doomed", Shared = "shared";

    private static readonly CollectionOptions s_untagged = new() { DeleteUntagged = true };

    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_fault_at_any_call_leaves_nothing_dangling_and_the_next_runs_heal_it(StorageFault fault) => RunAsync(fault, () => new(new TestRegistry(), null));

    /// <summary>Only faults that leave something else in storage: how a failure looks to the collector is no matter of where rows and bytes are.</summary>
    [Theory]
    [InlineData(StorageFault.CrashBefore)]
    [InlineData(StorageFault.CrashAfter)]
    [InlineData(StorageFault.Replay)]
    public Task On_a_local_disk_too(StorageFault fault) => RunAsync(fault, () =>
    {
        LocalFolder? folder = null;
        TestRegistry test = new(null, time =>
        {
            folder = new(time);
            return (folder.Stores.Tables, folder.Stores.Objects);
        });
        return new(test, folder);
    });

    private static async Task RunAsync(StorageFault fault, Func<Place> open)
    {
        var calls = 0;
        // The first run deletes manifests and links, the second blobs.
        for (var run = 0; run < 2; run++)
        {
            var call = 0;
            while (await RunAsync(open, fault, run, call)) call++;
            calls += call;
        }

        Assert.InRange(calls, 20, 500);
    }

    /// <returns>Whether there was a call of that number.</returns>
    private static async Task<bool> RunAsync(Func<Place> open, StorageFault fault, int faultyRun, int call)
    {
        var place = open();
        using var folder = place.Folder;
        var test = place.Test;
        var kept = await PrepareAsync(test);
        var probe = new StorageProbe();
        var watched = probe.Watch((test.Tables, test.Objects));
        var failing = new ContainerRegistry(watched.Tables, watched.Objects, test.Options, test.Time);
        var reached = false;
        for (var run = 0; run < 8; run++)
        {
            // As old as an untagged manifest has to be.
            test.Time.Advance(TimeSpan.FromDays(8));
            if (run != faultyRun)
            {
                await test.NewInstance().GarbageCollector.CollectAsync(s_untagged, null, default);
                continue;
            }

            probe.Reset();
            probe.FailAt(call, fault);
            await StorageFaults.FailsAsync(() => failing.GarbageCollector.CollectAsync(s_untagged, null, default));
            reached = probe.Calls.Count > call;
            (await StoreAudit.ReadAsync((test.Tables, test.Objects))).AssertSound();
        }

        var audit = (await StoreAudit.ReadAsync((test.Tables, test.Objects))).AssertSound();
        Assert.DoesNotContain(audit.Rows, r => r.StartsWith(Doomed, StringComparison.Ordinal));
        Assert.Empty(audit.OrphanObjects);
        Assert.Equal(2, audit.ObjectCount - audit.OrphanObjects.Count);
        Assert.Equal([Shared], (await ListAsync(test.Registry.ListAsync(default))).Select(n => n.ToString()));
        foreach (var blob in kept.Content.Blobs) Assert.Equal(blob.Digest, Sha256Of(await ReadAsync(test.Open(Shared), blob.Digest)));
        return reached;
    }

    private static async Task<Manifest> PrepareAsync(TestRegistry test)
    {
        var doomed = test.Open(Doomed);
        var image = await PushImageAsync(doomed, "1");
        await doomed.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(image.Descriptor).Build(), [], default);
        await doomed.Manifests.PutAsync(await BuildImageAsync(doomed, "2", b => b.Subject = image.Descriptor), [], default);
        await BuildImageAsync(doomed, "kept");
        var kept = await PushImageAsync(test.Open(Shared), "kept", "v1");
        await test.Registry.GarbageCollector.CollectAsync(s_untagged, null, default);
        return kept;
    }

    /// <summary>A registry, and the folder that ends with its test; null: it is in memory.</summary>
    private sealed record Place(TestRegistry Test, LocalFolder? Folder);
}
