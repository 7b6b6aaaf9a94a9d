using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>Whoever claims a task and does nothing of it gives it back.</summary>
public sealed class ClaimReturnTests : TaskClaimTest
{
    [Theory]
    [InlineData("finished")]
    [InlineData("cut off at a place")]
    [InlineData("cut off")]
    [InlineData("died")]
    public async Task A_claim_that_is_given_back_leaves_the_task_as_due_as_it_was(string end)
    {
        using (var first = await ClaimAsync())
        {
            await first.SaveCursorAsync("here", default);
            await (end switch
            {
                "finished" => first.FinishAsync(default),
                "cut off at a place" => first.CutOffAsync("there", default),
                "cut off" => first.CutOffAsync(null, default),
                _ => Task.CompletedTask,
            });
        }

        var before = await StateAsync();
        Wait(Limit);
        using (var idle = (await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default))!)
        {
            Wait(Limit / 2);
            await idle.ReturnAsync(default);
        }

        Assert.Equal(before, await StateAsync());
        var board = await Claims.LookAsync(default);
        Assert.Equal(end is "died" or "cut off at a place", board.IsDue(Name, Interval));
        Assert.True(board.IsDue(Name, Limit * 1.5));
        // What was written out does not outlive the next run.
        using (var next = (await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default))!) await next.FinishAsync(default);
        Assert.False((await Claims.LookAsync(default)).IsDue(Name, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_claim_that_was_lost_is_not_given_back()
    {
        using var late = await ClaimAsync();
        Wait(Limit);
        using var next = await ClaimAsync();
        await Assert.ThrowsAsync<ClaimLostException>(() => late.ReturnAsync(default));
        await next.ReturnAsync(default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => next.FinishAsync(default));
    }

    [Theory]
    [InlineData(StorageFault.Replay, false)]
    [InlineData(StorageFault.Replay, true)]
    [InlineData(StorageFault.AppliedButUnavailable, false)]
    [InlineData(StorageFault.AppliedButUnavailable, true)]
    [InlineData(StorageFault.Unavailable, false)]
    [InlineData(StorageFault.Unavailable, true)]
    public async Task A_claim_is_given_back_though_an_answer_is_lost(StorageFault fault, bool hasRow)
    {
        if (hasRow)
        {
            using var first = await ClaimAsync();
            await first.FinishAsync(default);
            Wait(Interval);
        }

        var probe = new StorageProbe();
        var watched = new TaskClaims(probe.Watch((Tables, new InMemoryObjectStore(TimeProvider.System))).Tables, NewClock(TimeSpan.Zero));
        var before = (await Claims.LookAsync(default)).Find(Name);
        using var claim = await ClaimAsync(watched);
        probe.Reset();
        probe.FailAt(0, fault);
        if (fault != StorageFault.Replay) await Assert.ThrowsAsync<StorageUnavailableException>(() => claim.ReturnAsync(default));
        await claim.ReturnAsync(default);
        Assert.Equal(before, (await Claims.LookAsync(default)).Find(Name));
    }
}
