using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

public sealed class TaskClaimsTests : TaskClaimTest
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_task_without_a_row_is_due()
    {
        var board = await Claims.LookAsync(default);
        Assert.Null(board.Find(Name));
        Assert.True(board.IsDue(Name, TimeSpan.FromDays(365)));
    }

    [Fact]
    public async Task The_interval_counts_from_the_end_of_a_run()
    {
        using var claim = await ClaimAsync();
        Wait(Limit / 2);
        await claim.FinishAsync(default);
        Wait(Interval - s_second);
        Assert.Null(await Claims.TryClaimAsync(Name, Interval, Limit, default));
        Wait(s_second);
        using var next = await ClaimAsync();
        Assert.Null(next.Cursor);
    }

    [Fact]
    public async Task The_row_tells_when_a_run_began_and_when_one_last_finished()
    {
        using var first = await ClaimAsync();
        var began = (await StateAsync()).Began;
        Wait(TimeSpan.FromMinutes(5));
        await first.FinishAsync(default);
        var finished = await StateAsync();
        Assert.Equal((TaskPhase.Finished, began, began.AddMinutes(5)), (finished.Phase, finished.Began, finished.Finished));

        Wait(Interval);
        using var second = await ClaimAsync();
        var running = await StateAsync();
        Assert.Equal((TaskPhase.Running, finished.Finished), (running.Phase, running.Finished));
        Assert.Equal((finished.Finished + Interval, finished.Finished + Interval + Limit), (running.Began, running.Until));
        Wait(TimeSpan.FromMinutes(5));
        await second.CutOffAsync("here", default);
        var cut = await StateAsync();
        Assert.Equal((TaskPhase.CutOff, finished.Finished, running.Began.AddMinutes(5), "here"), (cut.Phase, cut.Finished, cut.Ended, cut.Cursor));
    }

    [Fact]
    public async Task Cut_off_without_a_cursor_it_waits_for_its_interval()
    {
        using var claim = await ClaimAsync();
        await claim.SaveCursorAsync("here", default);
        await claim.CutOffAsync(null, default);
        Wait(Interval - s_second);
        Assert.Null(await Claims.TryClaimAsync(Name, Interval, Limit, default));
        Wait(s_second);
        using var next = await ClaimAsync();
        Assert.Null(next.Cursor);
    }

    [Fact]
    public async Task With_an_interval_of_zero_it_is_due_at_every_look()
    {
        // Storage's time has no fractions of a second, rows have.
        Wait(TimeSpan.FromMilliseconds(900));
        for (var run = 0; run < 3; run++)
        {
            using var claim = await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default);
            Assert.NotNull(claim);
            Assert.Null(await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
            await claim.FinishAsync(default);
        }
    }

    [Fact]
    public async Task A_run_that_died_is_taken_over_when_its_limit_has_passed_and_not_before()
    {
        using var dead = await ClaimAsync();
        await dead.SaveCursorAsync("here", default);
        Wait(Limit - s_second);
        Assert.Null(await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
        Assert.False(dead.Token.IsCancellationRequested);
        Wait(s_second);
        // Whoever lives on knows it as soon as another instance may.
        Assert.True(dead.Token.IsCancellationRequested);
        using var next = await ClaimAsync();
        Assert.Equal("here", next.Cursor);
    }

    [Fact]
    public async Task The_limit_is_that_of_the_run_not_of_whoever_looks()
    {
        using var slow = await Claims.TryClaimAsync(Name, Interval, 3 * Limit, default);
        Wait(2 * Limit);
        Assert.Null(await Claims.TryClaimAsync(Name, TimeSpan.Zero, s_second, default));
    }

    [Fact]
    public async Task A_late_holder_that_nobody_followed_still_leaves_its_cursor()
    {
        using var late = await ClaimAsync();
        Wait(2 * Limit);
        await late.CutOffAsync("here", default);
        using var next = await ClaimAsync();
        Assert.Equal("here", next.Cursor);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Clocks_that_differ_by_an_hour_change_nothing(int hours)
    {
        var other = NewInstance(TimeSpan.FromHours(hours));
        using var claim = await ClaimAsync();
        Wait(Limit - s_second);
        Assert.Null(await other.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
        await claim.FinishAsync(default);
        Wait(Interval - s_second);
        Assert.Null(await other.TryClaimAsync(Name, Interval, Limit, default));
        Wait(s_second);
        using var next = await ClaimAsync(other);
        Wait(Limit - s_second);
        Assert.Null(await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
        Wait(s_second);
        using var third = await ClaimAsync();
        await Assert.ThrowsAsync<ClaimLostException>(() => next.FinishAsync(default));
    }

    [Fact]
    public async Task A_look_may_be_old()
    {
        var board = await Claims.LookAsync(default);
        using var other = await board.TryClaimAsync("other", Interval, Limit, default);
        Wait(2 * Limit);
        using var claim = await board.TryClaimAsync(Name, Interval, Limit, default);
        Assert.NotNull(claim);
        // It has its whole time nevertheless.
        Wait(Limit - s_second);
        Assert.Null(await Claims.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
    }

    [Fact]
    public async Task An_old_look_does_not_claim_what_was_done_since()
    {
        var board = await Claims.LookAsync(default);
        using (var claim = await ClaimAsync()) await claim.FinishAsync(default);
        Assert.Null(await board.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
        board = await Claims.LookAsync(default);
        Wait(Interval);
        using (var claim = await ClaimAsync()) await claim.FinishAsync(default);
        Assert.Null(await board.TryClaimAsync(Name, TimeSpan.Zero, Limit, default));
    }

    [Fact]
    public async Task A_row_that_makes_no_sense_is_the_trouble_of_its_own_task()
    {
        var nonsense = new Dictionary<string, object> { ["phase"] = "Running", ["began"] = "yesterday", ["until"] = "tomorrow" };
        await Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(TableKeys.TimedTask("broken"), nonsense), default);
        var board = await Claims.LookAsync(default);
        var refusal = Assert.Throws<InvalidDataException>(() => board.IsDue("broken", Interval));
        Assert.Contains("broken", refusal.Message, StringComparison.Ordinal);
        Assert.True(board.IsDue(Name, Interval));
    }

    [Fact]
    public async Task A_row_that_somebody_deleted_ends_the_run()
    {
        using var claim = await ClaimAsync();
        await Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.TimedTask(Name), "*"), default);
        await Assert.ThrowsAsync<ClaimLostException>(() => claim.SaveCursorAsync("here", default));
        Assert.True(claim.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_run_ends_once()
    {
        using var claim = await ClaimAsync();
        await claim.FinishAsync(default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => claim.SaveCursorAsync("here", default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => claim.CutOffAsync(null, default));
    }
}
