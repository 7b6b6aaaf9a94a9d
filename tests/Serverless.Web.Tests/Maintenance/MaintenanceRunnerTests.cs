using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Serverless.Web.Maintenance;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Maintenance;

/// <summary>Which tasks run when, and how their time is divided; with the real tasks where nothing has to go wrong.</summary>
public sealed class MaintenanceRunnerTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    // Where nobody is told of events there are none to deliver.
    private static readonly IReadOnlyList<string> s_tasks = [.. MaintenanceSettings.TaskNames.Except([MaintenanceSettings.DeliverEvents])];

    // Longer than the weekly interval of the rarest task.
    private static readonly TimeSpan s_longAgo = TimeSpan.FromDays(8);

    [Fact]
    public async Task What_has_never_run_is_due_and_then_not_before_its_interval()
    {
        var runner = Runner(Registry);
        Assert.Equal(s_tasks.Count, (await runner.RunAsync(default)).Lines.Count);
        Assert.Empty((await runner.RunAsync(default)).Lines);
        Time.Advance(TimeSpan.FromHours(1));
        var hourly = (await runner.RunAsync(default)).Lines;
        Assert.Equal(["CollectGarbage", "ImportImages"], hourly.Select(l => l.Split(':')[0]));
    }

    [Fact]
    public async Task In_read_only_mode_nothing_goes_and_nothing_has_failed()
    {
        await Registry.PutManifestAsync("app", "v1", await Registry.PrepareImageAsync("app"));
        await Registry.SendAsync("DELETE", "/v2/app/manifests/v1");
        await Runner(Registry).RunAsync(default);
        Time.Advance(TimeSpan.FromDays(5));
        await using var paused = await StartAnotherAsync("ReadOnly=true");
        var before = await SnapshotAsync();
        var outcome = await Runner(paused).RunAsync(default);
        Assert.False(outcome.Failed);
        Assert.Contains("CollectGarbage: the registry is read-only for now", outcome.Lines);
        Assert.Equal(before, await SnapshotAsync());
        outcome = await Runner(paused).RunTaskAsync("CollectGarbage", default);
        Assert.Equal(["CollectGarbage: the registry is read-only for now"], outcome.Lines);

        // When it is no more, the rest comes.
        Assert.DoesNotContain("CollectGarbage: the registry is read-only for now", (await Runner(Registry).RunAsync(default)).Lines);
    }

    [Fact]
    public async Task A_look_that_finds_nothing_due_is_one_call()
    {
        await Runner(Registry).RunAsync(default);
        Registry.Probe.Reset();
        await Runner(Registry).RunAsync(default);
        Assert.Equal(CountedCalls.Of("maintenanceLook"), Registry.Probe.Counts);
    }

    [Fact]
    public async Task A_schedule_that_comes_a_moment_early_finds_what_is_due_all_the_same()
    {
        await Runner(Registry).RunAsync(default);
        Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(30));
        Assert.Contains((await Runner(Registry).RunAsync(default)).Lines, l => l.StartsWith("ApplyRetention", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_many_instances_one_runs_a_task()
    {
        var instances = new List<RegistryServer> { Registry };
        for (var i = 0; i < 5; i++) instances.Add(await StartAnotherAsync());
        var outcomes = await Task.WhenAll(instances.Select(i => Runner(i).RunAsync(default)));
        foreach (var task in s_tasks) Assert.Single(outcomes.SelectMany(o => o.Lines), l => l.StartsWith(task + ":", StringComparison.Ordinal));
        foreach (var instance in instances.Skip(1)) await instance.DisposeAsync();
    }

    [Fact]
    public async Task Collection_has_half_of_the_time_and_the_others_share_the_rest()
    {
        var (collect, purge, verify) = (new TestTask(MaintenanceSettings.CollectGarbage), new TestTask(MaintenanceSettings.PurgeTokens), new TestTask(MaintenanceSettings.Verify));
        await Runner(collect, purge, verify).RunAsync(default);
        // Of 25 minutes, less a fifth in which a task comes to its end.
        Assert.Equal(TimeSpan.FromMinutes(10), collect.Budget);
        Assert.Equal(TimeSpan.FromMinutes(10), purge.Budget);
        Assert.Equal(TimeSpan.FromMinutes(20), verify.Budget);
    }

    [Fact]
    public async Task Alone_a_task_has_all_of_the_time()
    {
        var collect = new TestTask(MaintenanceSettings.CollectGarbage);
        await Runner(collect).RunAsync(default);
        Assert.Equal(TimeSpan.FromMinutes(20), collect.Budget);
    }

    [Fact]
    public async Task What_is_cut_off_is_due_at_once_and_goes_on_where_it_was()
    {
        var verify = new TestTask(MaintenanceSettings.Verify) { RunsAsync = async (turn, _) => { await turn.Walk.ReachedAsync("half", default); return new MaintenanceReport("half done", IsFinished: false); } };
        await Runner(verify).RunAsync(default);
        Assert.Null(verify.From);
        verify.RunsAsync = null;
        await Runner(verify).RunAsync(default);
        Assert.Equal("half", verify.From);
        Time.Advance(s_longAgo);
        await Runner(verify).RunAsync(default);
        Assert.Null(verify.From);
    }

    [Fact]
    public async Task A_task_that_fails_costs_the_others_nothing_and_is_told_of()
    {
        var failing = new TestTask(MaintenanceSettings.CollectGarbage) { RunsAsync = (_, _) => throw new InvalidDataException("of the test") };
        var other = new TestTask(MaintenanceSettings.Verify);
        var outcome = await Runner(failing, other).RunAsync(default);
        Assert.IsType<InvalidDataException>(Assert.Single(outcome.Failures));
        Assert.Equal(1, other.Runs);
        // Not at every look: whatever it is, it may be there for long.
        Assert.Empty((await Runner(failing, other).RunAsync(default)).Failures);
    }

    [Fact]
    public async Task When_storage_fails_a_walk_goes_on_where_it_was()
    {
        var verify = new TestTask(MaintenanceSettings.Verify) { RunsAsync = async (turn, _) => { await turn.Walk.ReachedAsync("half", default); throw new StorageUnavailableException("of the test"); } };
        Assert.True((await Runner(verify).RunAsync(default)).Failed);
        verify.RunsAsync = null;
        Assert.False((await Runner(verify).RunAsync(default)).Failed);
        Assert.Equal("half", verify.From);
    }

    [Fact]
    public async Task Whoever_is_told_to_stop_leaves_the_task_to_the_next_run()
    {
        using var stopping = new CancellationTokenSource();
        var verify = new TestTask(MaintenanceSettings.Verify) { RunsAsync = async (turn, token) => { await turn.Walk.ReachedAsync("half", default); await stopping.CancelAsync(); token.ThrowIfCancellationRequested(); return new("never"); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner(verify).RunAsync(stopping.Token));
        verify.RunsAsync = null;
        await Runner(verify).RunAsync(default);
        Assert.Equal("half", verify.From);
    }

    [Fact]
    public async Task A_task_by_name_runs_whether_due_or_not_until_its_end()
    {
        var turns = 0;
        var verify = new TestTask(MaintenanceSettings.Verify) { RunsAsync = (_, _) => Task.FromResult(new MaintenanceReport("a turn", IsFinished: ++turns % 3 == 0)) };
        for (var run = 1; run <= 2; run++) Assert.Equal(3, (await Runner(verify).RunTaskAsync(MaintenanceSettings.Verify, default)).Lines.Count);
        await Assert.ThrowsAsync<ArgumentException>(() => Runner(verify).RunTaskAsync("Verifi", default));
    }

    [Fact]
    public async Task A_task_by_name_that_another_instance_runs_is_left_to_it()
    {
        using var held = await new TaskClaims(Registry.Stores.Tables, Time).TryClaimAsync(MaintenanceSettings.Verify, TimeSpan.Zero, TimeSpan.FromMinutes(5), default);
        var verify = new TestTask(MaintenanceSettings.Verify);
        var outcome = await Runner(verify).RunTaskAsync(MaintenanceSettings.Verify, default);
        Assert.Equal("Verify: another instance runs it", Assert.Single(outcome.Lines));
        Assert.Equal(0, verify.Runs);
    }

    private static MaintenanceRunner Runner(RegistryServer registry) => registry.Services.GetRequiredService<MaintenanceRunner>();

    private MaintenanceRunner Runner(params IMaintenanceTask[] tasks) => new(
        tasks, new TaskClaims(Registry.Stores.Tables, Time), Registry.Services.GetRequiredService<MaintenanceSettings>(), Registry.Services.GetRequiredService<MaintenanceObserver>(), Time);

    private sealed class TestTask(string name) : IMaintenanceTask
    {
        public string Name => name;

        public Func<MaintenanceTurn, CancellationToken, Task<MaintenanceReport>>? RunsAsync { get; set; }

        public int Runs { get; private set; }

        public TimeSpan Budget { get; private set; }

        public string? From { get; private set; }

        public Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
        {
            (Runs, Budget, From) = (Runs + 1, turn.Budget, turn.Walk.From);
            return RunsAsync?.Invoke(turn, cancellationToken) ?? Task.FromResult(new MaintenanceReport("done"));
        }
    }
}
