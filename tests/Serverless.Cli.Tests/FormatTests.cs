using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>Which releases may work on what is stored. A row of 0 stands for what an older release has left.</summary>
public sealed class FormatTests : CliTest
{
    [Fact]
    public async Task What_is_stored_is_told_beside_the_number_of_this_release()
    {
        Assert.Equal(new CliRun(0, "stored\t-\t-\nrelease\t1\t1\n", ""), await RunAsync("format"));
        await MakeAsync();
        Assert.Equal(new CliRun(0, "stored\t1\t1\nrelease\t1\t1\n", ""), await RunAsync("format"));
        await SetAsync(1, 2);
        Assert.Equal(new CliRun(1, "stored\t1\t2\nrelease\t1\t1\n", "What is stored is for newer releases than this one.\n"), await RunAsync("format"));
    }

    [Fact]
    public async Task It_is_raised_to_the_number_of_this_release_and_then_it_is_as_high_already()
    {
        await MakeAsync();
        await SetAsync(0, 0);
        const string Now = "releases of format 1 and later write, those of 1 and later collect.\n";
        Assert.Equal(new CliRun(0, "", "It is raised: " + Now), await RunAsync("format", "raise"));
        Assert.Equal(new CliRun(0, "", "It is as high already: " + Now), await RunAsync("format", "raise"));
        var board = await new TaskClaims(Stores.Tables, Time).LookAsync(default);
        Assert.All(MaintenanceSettings.TaskNames, name => Assert.Null(board.Find(name)));
    }

    [Fact]
    public async Task A_number_above_this_releases_own_is_bad_usage_and_touches_nothing()
    {
        await MakeAsync();
        foreach (var option in (string[])["--reader", "--collector"])
        {
            var run = await RunAsync("format", "raise", option, "2");
            Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
            Assert.StartsWith($"{option} 2 would shut out this release, which is of 1.", run.Error, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Usage, (await RunAsync("format", "raise", option, "0")).Code);
            Assert.Equal(ExitCode.Usage, (await RunAsync("format", "raise", option, "one")).Code);
        }

        Assert.Equal(ExitCode.Usage, (await RunAsync("format", "raise", "--wait", "-1")).Code);
        Assert.Empty(Probe.Calls);
    }

    [Fact]
    public async Task A_task_that_runs_is_named_and_nothing_is_changed()
    {
        await MakeAsync();
        await SetAsync(0, 0);
        using var claim = await new TaskClaims(Stores.Tables, Time).TryClaimAsync(MaintenanceSettings.Verify, TimeSpan.Zero, TimeSpan.FromMinutes(25), default);
        var run = await RunAsync("format", "raise", "--wait", "0");
        Assert.Equal(new CliRun(1, "", "Nothing is changed: Verify runs, until 2026-01-01T00:25:00Z at the latest. Wait for it with --wait, or stop who runs it.\n"), run);
        Assert.StartsWith("stored\t0\t0\n", (await RunAsync("format")).Out, StringComparison.Ordinal);

        var waiting = RunAsync("format", "raise");
        await claim!.FinishAsync(default);
        for (; !waiting.IsCompleted; await Task.Delay(1)) Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((0, "Verify runs, until 2026-01-01T00:25:00Z at the latest: waiting for it."), ((await waiting).Code, (await waiting).Error.Split('\n')[0]));
    }

    [Fact]
    public async Task A_row_that_nobody_can_read_is_written_anew_by_force()
    {
        await MakeAsync();
        await Stores.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Format, "*"), default);
        var run = await RunAsync("format");
        Assert.Equal((1, "stored\t-\t-\nrelease\t1\t1\n"), (run.Code, run.Out));
        Assert.Contains("is missing. Nobody writes or collects until it is written anew: registry format raise --force.", run.Error, StringComparison.Ordinal);
        run = await RunAsync("format", "raise");
        Assert.Equal(1, run.Code);
        Assert.Contains("Only if no newer release has ever worked on this registry", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("format", "raise", "--force")).Code);
        Assert.Equal(0, (await RunAsync("format")).Code);
    }

    [Fact]
    public async Task A_claim_that_could_not_be_given_back_is_warned_of()
    {
        await MakeAsync();
        await SetAsync(0, 0);
        await RunAsync("format", "raise");
        var calls = Probe.Calls.Count;
        await SetAsync(0, 0);
        Probe.Reset();
        // The last call gives back the last task.
        Probe.FailAt(calls - 1, StorageFault.Unavailable);
        var run = await RunAsync("format", "raise");
        Assert.Equal(0, run.Code);
        Assert.Contains("Warning: the claim of Verify could not be given back; the task rests until 2026-01-01T00:40:00Z.", run.Error, StringComparison.Ordinal);
    }

    private async Task MakeAsync() => await new ContainerRegistry(Stores.Tables, Stores.Objects, new RegistryOptions(), Time).DemandWritableAsync(delete: false, default);

    private async Task SetAsync(int reader, int collector) => await Stores.Tables.WriteAsync(
        TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Format, new Dictionary<string, object> { ["reader"] = reader, ["collector"] = collector }), default);
}
