using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Testing;

/// <summary>What claims of timed tasks promise on every kind of storage, by its own clock.</summary>
public abstract class TaskClaimContract
{
    private const string Name = "sweep";
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    protected abstract ITableStore Store { get; }

    /// <summary>The clock of the instances.</summary>
    protected abstract TimeProvider Time { get; }

    private TaskClaims Claims => new(Store, Time);

    /// <summary>Lets time pass for storage and instances.</summary>
    protected abstract Task WaitAsync(TimeSpan time);

    [Fact]
    public async Task Of_many_instances_one_gets_the_task()
    {
        for (var round = 0; round < 3; round++)
        {
            // All have seen that it is due. In the first round the row is made, later it is replaced.
            var boards = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Claims.LookAsync(default)));
            var claims = await Task.WhenAll(boards.Select(b => Task.Run(() => b.TryClaimAsync(Name, TimeSpan.Zero, s_hour, default))));
            using var claim = Assert.Single(claims, c => c is not null)!;
            await claim.FinishAsync(default);
        }
    }

    [Fact]
    public async Task A_task_is_due_an_interval_after_its_end()
    {
        using var claim = await ClaimAsync(s_hour);
        Assert.False((await Claims.LookAsync(default)).IsDue(Name, TimeSpan.Zero));
        await claim.FinishAsync(default);
        Assert.Null(await Claims.TryClaimAsync(Name, s_hour, s_hour, default));
        await WaitAsync(2 * s_second);
        Assert.Null(await Claims.TryClaimAsync(Name, s_hour, s_hour, default));
        using var next = await Claims.TryClaimAsync(Name, s_second, s_hour, default);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task What_was_cut_off_goes_on_at_once_from_its_cursor()
    {
        using var first = await ClaimAsync(s_hour);
        Assert.Null(first.Cursor);
        await first.SaveCursorAsync("somewhere", default);
        await first.CutOffAsync("team/äpp '\"", default);
        using var second = await ClaimAsync(s_hour, interval: s_hour);
        Assert.Equal("team/äpp '\"", second.Cursor);
        await second.FinishAsync(default);
        Assert.Null((await Claims.LookAsync(default)).Find(Name)!.Cursor);
    }

    [Fact]
    public async Task A_task_is_taken_over_after_its_limit_and_the_late_holder_changes_nothing()
    {
        using var late = await ClaimAsync(2 * s_second);
        await late.SaveCursorAsync("b", default);
        Assert.Null(await Claims.TryClaimAsync(Name, TimeSpan.Zero, s_hour, default));
        await WaitAsync(4 * s_second);
        using var next = await ClaimAsync(s_hour, interval: s_hour);
        Assert.Equal("b", next.Cursor);

        await Assert.ThrowsAsync<ClaimLostException>(() => late.SaveCursorAsync("c", default));
        await Assert.ThrowsAsync<ClaimLostException>(() => late.CutOffAsync("c", default));
        await Assert.ThrowsAsync<ClaimLostException>(() => late.FinishAsync(default));
        Assert.True(late.Token.IsCancellationRequested);
        Assert.Equal((TaskPhase.Running, "b"), await StateAsync());
        await next.FinishAsync(default);
        Assert.Equal((TaskPhase.Finished, null), await StateAsync());
    }

    [Fact]
    public async Task A_claim_that_is_given_back_leaves_the_task_as_it_was()
    {
        using var never = await ClaimAsync(s_hour);
        await never.ReturnAsync(default);
        Assert.Null((await Claims.LookAsync(default)).Find(Name));

        using var run = await ClaimAsync(s_hour);
        await run.FinishAsync(default);
        var before = (await Claims.LookAsync(default)).Find(Name);
        await WaitAsync(4 * s_second);
        using var idle = await ClaimAsync(s_hour);
        await idle.ReturnAsync(default);
        var board = await Claims.LookAsync(default);
        Assert.Equal(before, board.Find(Name));
        // It ended then, and not when the claim was given back.
        Assert.True(board.IsDue(Name, 3 * s_second));
        Assert.False(board.IsDue(Name, s_hour));
    }

    private async Task<TaskClaim> ClaimAsync(TimeSpan limit, TimeSpan interval = default)
    {
        var claim = await Claims.TryClaimAsync(Name, interval, limit, default);
        Assert.NotNull(claim);
        return claim;
    }

    private async Task<(TaskPhase, string?)> StateAsync() => (await Claims.LookAsync(default)).Find(Name) is { } state ? (state.Phase, state.Cursor) : default;
}
