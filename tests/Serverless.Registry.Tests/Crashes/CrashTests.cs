using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Crashes;

/// <summary>A fault at every storage call of every operation, one after the other.</summary>
public sealed class CrashTests
{
    public static TheoryData<string, StorageFault> Cases
    {
        get
        {
            var cases = new TheoryData<string, StorageFault>();
            foreach (var scenario in CrashScenarios.All.Keys)
            {
                foreach (var fault in Enum.GetValues<StorageFault>()) cases.Add(scenario, fault);
            }

            return cases;
        }
    }

    public static TheoryData<string> Scenarios => [.. CrashScenarios.All.Keys];

    /// <summary>Only faults that leave something else in storage: how a failure looks to its caller is no matter of where rows and bytes are.</summary>
    public static TheoryData<string, StorageFault> LocalCases
    {
        get
        {
            var cases = new TheoryData<string, StorageFault>();
            foreach (var scenario in CrashScenarios.All.Keys)
            {
                foreach (var fault in (StorageFault[])[StorageFault.CrashBefore, StorageFault.CrashAfter, StorageFault.Replay]) cases.Add(scenario, fault);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_fault_at_any_call_leaves_nothing_dangling_and_a_retry_heals_it(string name, StorageFault fault)
    {
        var call = 0;
        while (await RunAsync(CrashScenarios.All[name](), fault, call)) call++;
        // An operation without calls would prove nothing.
        Assert.InRange(call, 3, 1000);
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_call_that_is_repeated_is_recognised_when_storage_does_not_say_which_change_failed(string name)
    {
        var call = 0;
        while (await RunAsync(CrashScenarios.All[name](), StorageFault.Replay, call, vague: true)) call++;
        Assert.InRange(call, 3, 1000);
    }

    [Theory]
    [MemberData(nameof(LocalCases))]
    public async Task On_a_local_disk_too(string name, StorageFault fault)
    {
        var call = 0;
        for (var reached = true; reached; call++)
        {
            FakeTimeProvider time = new();
            using LocalFolder folder = new(time);
            // The next instance is another process.
            using var other = folder.Open();
            reached = await RunAsync(CrashScenarios.All[name](), fault, call, time, (folder.Stores.Tables, folder.Stores.Objects), (other.Tables, other.Objects));
        }

        Assert.InRange(call, 4, 1000);
    }

    private static Task<bool> RunAsync(CrashScenario scenario, StorageFault fault, int call, bool vague = false)
    {
        var time = new FakeTimeProvider();
        ITableStore tables = new InMemoryTableStore(time);
        (ITableStore Tables, IObjectStore Objects) stores = (vague ? new VagueTableStore(tables) : tables, new InMemoryObjectStore(time));
        return RunAsync(scenario, fault, call, time, stores, stores);
    }

    /// <returns>Whether there was a call of that number.</returns>
    private static async Task<bool> RunAsync(
        CrashScenario scenario, StorageFault fault, int call, FakeTimeProvider time, (ITableStore Tables, IObjectStore Objects) stores, (ITableStore Tables, IObjectStore Objects) later)
    {
        var probe = new StorageProbe();
        await scenario.Prepare(NewInstance(stores, time));

        probe.FailAt(call, fault);
        var failed = await StorageFaults.FailsAsync(() => scenario.Act(NewInstance(probe.Watch(stores), time)));
        var reached = probe.Calls.Count > call;
        // A call that is sent again because its answer was lost is nothing that a client may notice.
        Assert.Equal(reached && fault != StorageFault.Replay, failed);
        var audit = (await StoreAudit.ReadAsync(stores)).AssertSound();
        if (!failed) Assert.Empty(audit.OrphanObjects);

        // The next instance knows nothing of the first.
        var next = NewInstance(later, time);
        if (failed) await scenario.Act(next);
        await scenario.Check(next);
        (await StoreAudit.ReadAsync(stores)).AssertSound();
        return reached;
    }

    private static ContainerRegistry NewInstance((ITableStore Tables, IObjectStore Objects) stores, TimeProvider time) =>
        new(stores.Tables, stores.Objects, new RegistryOptions { BlockSize = CrashScenarios.BlockSize }, time);
}
