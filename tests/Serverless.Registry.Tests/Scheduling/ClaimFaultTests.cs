using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>A fault at every call to storage that a run makes of its claim, and what they cost.</summary>
public sealed class ClaimFaultTests : TaskClaimTest
{
    private readonly StorageProbe _probe = new();
    private readonly TaskClaims _watched;

    public ClaimFaultTests() =>
        _watched = new TaskClaims(_probe.Watch((Tables, new InMemoryObjectStore(TimeProvider.System))).Tables, NewClock(TimeSpan.Zero));

    [Fact]
    public async Task A_look_at_all_tasks_is_one_call_and_a_claim_one_more()
    {
        string[] tasks = ["collect", "purge", "retain", "verify"];
        foreach (var task in tasks)
        {
            using var claim = await Claims.TryClaimAsync(task, Interval, Limit, default);
            await claim!.FinishAsync(default);
        }

        var board = await _watched.LookAsync(default);
        foreach (var task in tasks) Assert.Null(await board.TryClaimAsync(task, Interval, Limit, default));
        Assert.Equal(["query system "], _probe.Calls);
        Assert.Equal(CountedCalls.Of("maintenanceLook"), _probe.Counts);

        Wait(Interval);
        board = await _watched.LookAsync(default);
        _probe.Reset();
        using var due = await board.TryClaimAsync("verify", Interval, Limit, default);
        Assert.NotNull(due);
        Assert.Equal(CountedCalls.Of("taskClaim"), _probe.Counts);
        await due.SaveCursorAsync("here", default);
        _probe.Reset();
        await due.FinishAsync(default);
        Assert.Equal(["write system Replace verify"], _probe.Calls);
        Assert.Equal(CountedCalls.Of("taskRelease"), _probe.Counts);
    }

    [Theory]
    [InlineData(StorageFault.CrashBefore)]
    [InlineData(StorageFault.CrashAfter)]
    [InlineData(StorageFault.Replay)]
    [InlineData(StorageFault.AppliedButUnavailable)]
    [InlineData(StorageFault.Unavailable)]
    public async Task A_fault_at_any_call_frees_the_task_in_the_end_and_loses_no_more_than_its_last_cursor(StorageFault fault)
    {
        var call = 0;
        while (await RunAsync(fault, call)) call++;
        Assert.Equal(5, call);
    }

    [Theory]
    [InlineData(StorageFault.AppliedButUnavailable)]
    [InlineData(StorageFault.Unavailable)]
    public async Task A_write_that_seemed_to_fail_may_be_tried_again_with_something_else(StorageFault fault)
    {
        using var claim = await ClaimAsync(_watched);
        _probe.Reset();
        _probe.FailAt(0, fault);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => claim.SaveCursorAsync("a", default));
        await claim.SaveCursorAsync("b", default);
        Assert.Equal("b", (await StateAsync()).Cursor);
        _probe.Reset();
        _probe.FailAt(0, fault);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => claim.FinishAsync(default));
        await claim.FinishAsync(default);
        Assert.Equal(TaskPhase.Finished, (await StateAsync()).Phase);
    }

    [Fact]
    public async Task Of_two_whose_claims_are_sent_twice_one_gets_the_task()
    {
        var (mine, other) = (await _watched.LookAsync(default), await Claims.LookAsync(default));
        using var claim = await other.TryClaimAsync(Name, Interval, Limit, default);
        Assert.NotNull(claim);
        _probe.Reset();
        _probe.FailAt(0, StorageFault.Replay);
        Assert.Null(await mine.TryClaimAsync(Name, Interval, Limit, default));
        await claim.FinishAsync(default);
    }

    [Fact]
    public async Task A_write_that_is_sent_twice_around_a_takeover_is_known_to_be_lost()
    {
        using var late = await ClaimAsync(_watched);
        Wait(Limit);
        using var next = await ClaimAsync();
        _probe.Reset();
        _probe.FailAt(0, StorageFault.Replay);
        await Assert.ThrowsAsync<ClaimLostException>(() => late.FinishAsync(default));
        Assert.Equal(TaskPhase.Running, (await StateAsync()).Phase);
    }

    /// <returns>Whether there was a call of that number.</returns>
    private async Task<bool> RunAsync(StorageFault fault, int call)
    {
        await Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.TimedTask(Name), "*"), default);
        _probe.Reset();
        _probe.FailAt(call, fault);
        string? saved = null;
        var failed = await StorageFaults.FailsAsync(async () =>
        {
            using var claim = await ClaimAsync(_watched);
            foreach (var cursor in (string[])["a", "b"])
            {
                await claim.SaveCursorAsync(cursor, default);
                saved = cursor;
            }

            await claim.FinishAsync(default);
        });
        var reached = _probe.Calls.Count > call;
        if (fault == StorageFault.Replay)
        {
            Assert.False(failed);
            Assert.Equal(TaskPhase.Finished, (await StateAsync()).Phase);
            return reached;
        }

        Assert.Equal(reached, failed);
        Wait(Interval);
        using var next = await ClaimAsync();
        // Saved last, or saved by the very write whose answer was lost.
        if (failed) Assert.Contains(next.Cursor, new[] { saved, call switch { 2 => "a", 3 => "b", 4 => null, _ => saved } });
        else Assert.Null(next.Cursor);
        await next.FinishAsync(default);
        return reached;
    }
}
