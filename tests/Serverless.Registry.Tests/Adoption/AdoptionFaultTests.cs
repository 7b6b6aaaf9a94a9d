using Serverless.Registry.Adoption;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Adoption;

/// <summary>A fault at each call that an adoption makes to storage.</summary>
public sealed class AdoptionFaultTests
{
    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task An_adoption_that_fails_leaves_nothing_dangling_and_is_repeated(StorageFault fault)
    {
        var call = 0;
        for (var reached = true; reached; call++)
        {
            var there = new Container();
            var (first, _, index) = await there.FillAsync();
            there.Rest();
            var probe = new StorageProbe();
            var (tables, objects) = probe.Watch((there.Test.Tables, there.Test.Objects));
            probe.FailAt(call, fault);
            var registry = new ContainerRegistry(tables, objects, there.Test.Options, there.Test.Time);
            await StorageFaults.FailsAsync(() => registry.Adoption.RunAsync(AdoptionTest.Options(), new AdoptProgress(), null, null, default));
            reached = probe.Calls.Count > call;
            (await StoreAudit.ReadAsync((there.Test.Tables, there.Test.Objects))).AssertSound();

            // Whoever has died keeps the tasks for some minutes.
            await there.AdoptAsync();
            Assert.Empty(there.Findings);
            await there.AssertPulledAsync("team/app", "v1", first);
            await there.AssertPulledAsync("team/app", "all", index);
            Assert.Empty(await there.Test.ObjectNamesAsync());
            foreach (var blob in first.Content.Blobs) Assert.NotNull(await there.Test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Adopted(blob.Digest), default));
            await there.AssertWholeAsync();
            var board = await new TaskClaims(there.Test.Tables, there.Test.Time).LookAsync(default);
            Assert.All(AdoptionTest.Tasks, task => Assert.True(board.IsDue(task, TimeSpan.Zero)));
        }

        Assert.InRange(call, 60, 1000);
    }

    [Fact]
    public async Task The_tasks_rest_while_it_runs_and_run_again_afterwards()
    {
        var there = new Container();
        await there.FillAsync();
        there.Rest();
        List<bool> due = [];
        var objects = new WatchedLists(there.Test.Objects, async () =>
        {
            var board = await new TaskClaims(there.Test.Tables, there.Test.Time).LookAsync(default);
            due.Add(AdoptionTest.Tasks.Any(task => board.IsDue(task, TimeSpan.Zero)));
        });
        await new ContainerRegistry(there.Test.Tables, objects, there.Test.Options, there.Test.Time).Adoption.RunAsync(AdoptionTest.Options(), new AdoptProgress(), null, null, default);
        Assert.Contains(false, due);
        Assert.DoesNotContain(true, due);
    }

    private sealed class Container() : AdoptionTest(new TestRegistry());

    /// <summary>Calls somebody whenever repositories are listed.</summary>
    private sealed class WatchedLists(IObjectStore inner, Func<Task> watch) : Tests.Storage.PassingObjectStore(inner)
    {
        public override async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            if (prefix.Contains("repositories", StringComparison.Ordinal)) await watch();
            await foreach (var each in base.ListAsync(prefix, cancellationToken)) yield return each;
        }
    }
}
