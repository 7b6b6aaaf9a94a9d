using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>The format is raised while no task runs.</summary>
public sealed class FormatRaiseWaitTests : FormatRaiseTest
{
    public FormatRaiseWaitTests() => Test.Repository.Blobs.PutAsync(Any.Content(10), default).GetAwaiter().GetResult();

    [Fact]
    public async Task A_task_that_runs_is_waited_for_and_told_of_once()
    {
        using var run = await ClaimAsync(Verify);
        var (raise, until) = (RaiseAsync(), (await StatesAsync()).Verify!.Until);
        for (var i = 0; i < 20; i++)
        {
            Test.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(1);
            Assert.Equal(Old, await StoredAsync());
        }

        Assert.Equal([new ClaimNote.Waiting(Verify, until)], Notes);
        // What is not running is held, so that it does not begin.
        Assert.Null(await Claims.TryClaimAsync(Collect, TimeSpan.Zero, Limit, default));
        await run.FinishAsync(default);
        var before = (await StatesAsync()).Verify;
        Assert.Equal(new FormatRaised.Raised(Next), await AwaitAsync(raise));
        Assert.Equal((null, before), await StatesAsync());
    }

    [Fact]
    public async Task A_run_that_died_is_waited_for_until_its_time_is_over()
    {
        using var dead = await ClaimAsync(Collect);
        var began = Test.Time.GetUtcNow();
        Assert.Equal(new FormatRaised.Raised(Next), await AwaitAsync(RaiseAsync()));
        Assert.InRange(Test.Time.GetUtcNow() - began, Limit, Limit + TimeSpan.FromMinutes(2));
        // It goes on where the dead one was, as soon as anybody looks.
        Assert.True((await Claims.LookAsync(default)).IsDue(Collect, TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task When_the_wait_is_over_nothing_is_changed_and_the_task_is_named()
    {
        using var run = await ClaimAsync(Verify);
        var before = await StatesAsync();
        var busy = new FormatRaised.Busy(Verify, before.Verify!.Until);
        Assert.Equal(busy, await RaiseAsync(Options with { Wait = TimeSpan.Zero }));
        Assert.Equal(busy, await AwaitAsync(RaiseAsync(Options with { Wait = TimeSpan.FromMinutes(1) })));
        Assert.Equal((Old, before), (await StoredAsync(), await StatesAsync()));
    }

    [Fact]
    public async Task Whoever_is_stopped_while_he_waits_gives_back_what_he_holds()
    {
        using var run = await ClaimAsync(Verify);
        var before = await StatesAsync();
        using var stop = new CancellationTokenSource();
        var raise = RaiseAsync(cancellationToken: stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => raise);
        Assert.Equal((Old, before), (await StoredAsync(), await StatesAsync()));
    }

    [Fact]
    public async Task A_task_that_only_another_release_knows_is_waited_for_too()
    {
        using var run = await ClaimAsync("compact");
        Assert.IsType<FormatRaised.Busy>(await RaiseAsync(Options with { Wait = TimeSpan.Zero }));
        await run.FinishAsync(default);
        Assert.IsType<FormatRaised.Raised>(await RaiseAsync(Options with { Wait = TimeSpan.Zero }));
    }

    [Fact]
    public async Task A_task_whose_row_makes_no_sense_may_be_running()
    {
        var nonsense = new Dictionary<string, object> { ["phase"] = "Running" };
        await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(TableKeys.TimedTask(Verify), nonsense), default);
        var refusal = await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => RaiseAsync());
        Assert.Contains("Delete it", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Old, await StoredAsync());
        Assert.Null((await Claims.LookAsync(default)).Find(Collect));
    }

    [Fact]
    public async Task A_claim_that_was_lost_is_taken_again()
    {
        var isLost = false;
        // Right before the second claim somebody deletes the row of the first.
        var tables = new InterruptedTableStore(Test.Tables, w => w.Key == TableKeys.TimedTask(Verify), async () =>
        {
            isLost = true;
            await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.TimedTask(Collect), "*"), default);
        });
        Assert.Equal(new FormatRaised.Raised(Next), await NewInstance(Next, tables).Format.RaiseAsync(Next, Options, Notes.Add, default));
        Assert.Equal((true, (null, null)), (isLost, await StatesAsync()));
    }

    [Theory]
    [InlineData(2, 1, 1, 3)]
    [InlineData(3, 3, 2, 2)]
    public async Task Of_two_who_raise_it_at_once_neither_undoes_what_the_other_has_done(int reader, int collector, int otherReader, int otherCollector)
    {
        var (one, other) = (NewInstance(new(3, 3)), NewInstance(new(3, 3)));
        // The clock runs much faster here than on a machine that is busy.
        var wait = TimeSpan.FromDays(10);
        var both = Task.WhenAll(
            Task.Run(() => one.Format.RaiseAsync(new(reader, collector), Options with { Wait = wait }, null, default)),
            Task.Run(() => other.Format.RaiseAsync(new(otherReader, otherCollector), new FormatRaiseOptions([Collect, Verify]) { Wait = wait }, null, default)));
        Assert.DoesNotContain(await AwaitAsync(both), r => r is FormatRaised.Busy);
        Assert.Equal(new RegistryFormat(Math.Max(reader, otherReader), Math.Max(collector, otherCollector)), await StoredAsync());
        Assert.Equal((null, null), await StatesAsync());
    }

    [Fact]
    public async Task A_number_that_somebody_else_raises_at_the_last_moment_stays()
    {
        var tables = new InterruptedTableStore(Test.Tables, w => w.Key == TableKeys.Format, () =>
            Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Format, new RegistryFormat(1, 5).ToProperties()), default));
        Assert.Equal(new FormatRaised.Raised(new(2, 5)), await NewInstance(Next, tables).Format.RaiseAsync(Next, Options, null, default));
        Assert.Equal(new RegistryFormat(2, 5), await StoredAsync());
    }
}
