using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>Tasks that are kept from running while somebody works.</summary>
public sealed class HeldTasksTests
{
    private static readonly string[] s_tasks = ["a", "b"];

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryTableStore _tables;

    public HeldTasksTests() => _tables = new InMemoryTableStore(_time);

    private TaskClaims Claims => new(_tables, _time);

    [Fact]
    public async Task They_are_held_for_as_long_as_it_takes_and_given_back()
    {
        await using (var held = new HeldTasks(_tables, _time, null, default))
        {
            Assert.Null(await held.TakeAsync(s_tasks, TimeSpan.Zero));
            for (var i = 0; i < 20; i++)
            {
                await PassAsync(TimeSpan.FromSeconds(31));
                Assert.False(held.Token.IsCancellationRequested);
                Assert.Null(await Claims.TryClaimAsync("a", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
            }

            // Others run.
            Assert.NotNull(await Claims.TryClaimAsync("c", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
        }

        Assert.NotNull(await Claims.TryClaimAsync("a", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
        Assert.NotNull(await Claims.TryClaimAsync("b", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public async Task What_was_taken_before_a_long_wait_is_held_for_as_long_as_the_rest()
    {
        using var running = await Claims.TryClaimAsync("b", TimeSpan.Zero, TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(2), default);
        await using var held = new HeldTasks(_tables, _time, null, default);
        var taken = held.TakeAsync(s_tasks, TimeSpan.FromMinutes(10));
        while (!taken.IsCompleted)
        {
            await PassAsync(TimeSpan.FromSeconds(5));
            Assert.Null(await Claims.TryClaimAsync("a", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
        }

        Assert.Null(await taken);
        for (var i = 0; i < 4; i++)
        {
            await PassAsync(TimeSpan.FromSeconds(31));
            Assert.False(held.Token.IsCancellationRequested);
        }
    }

    [Fact]
    public async Task Whoever_loses_one_is_told()
    {
        await using var held = new HeldTasks(_tables, _time, null, default);
        Assert.Null(await held.TakeAsync(s_tasks, TimeSpan.Zero));
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.TimedTask("b"), "*"), default);
        Assert.NotNull(await Claims.TryClaimAsync("b", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
        await PassAsync(TimeSpan.FromSeconds(31));
        Assert.True(held.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Whoever_cannot_renew_them_is_told_when_their_time_is_over()
    {
        var tables = new SilentTables(_tables);
        await using var held = new HeldTasks(tables, _time, null, default);
        Assert.Null(await held.TakeAsync(s_tasks, TimeSpan.Zero));
        tables.IsSilent = true;
        for (var i = 0; i < 3; i++) await PassAsync(TimeSpan.FromSeconds(31));
        Assert.False(held.Token.IsCancellationRequested);
        Assert.Null(await Claims.TryClaimAsync("a", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
        await PassAsync(TimeSpan.FromSeconds(31));
        Assert.True(held.Token.IsCancellationRequested);
        Assert.NotNull(await Claims.TryClaimAsync("a", TimeSpan.Zero, TimeSpan.FromMinutes(1), default));
        tables.IsSilent = false;
    }

    [Fact]
    public async Task A_task_that_runs_is_named()
    {
        using var running = await Claims.TryClaimAsync("b", TimeSpan.Zero, TimeSpan.FromMinutes(5), default);
        await using var held = new HeldTasks(_tables, _time, null, default);
        Assert.Equal("b", (await held.TakeAsync(s_tasks, TimeSpan.Zero))?.Task);
    }

    // The renewal is done by another thread.
    private async Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        await Task.Delay(TimeSpan.FromMilliseconds(100));
    }

    /// <summary>Does not answer for a while.</summary>
    private sealed class SilentTables(ITableStore inner) : PassingTableStore(inner)
    {
        public bool IsSilent { get; set; }

        public override Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
            IsSilent ? throw new StorageUnavailableException("Simulated: no answer.") : base.QueryAsync(table, query, continuation, cancellationToken);
    }
}
