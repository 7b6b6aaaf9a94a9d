using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Explores scenarios and prints how many schedules there were.</summary>
public abstract class ExplorationTest(ITestOutputHelper output)
{
    private protected async Task ExploreAsync(Task<Scenario> scenario)
    {
        var started = Stopwatch.StartNew();
        var explorer = new Explorer(await scenario, Explorer.Enough).Run();
        Print($"{explorer}, {started.Elapsed.TotalSeconds:0.0} s");
        Assert.True(explorer.Violation is null, explorer.Violation);
    }

    private protected Task FindsAsync(string violation, Task<Scenario> scenario, string actor, Func<Stores, Stores> change) =>
        FindsAsync(violation, BreakAsync(scenario, actor, change));

    private protected async Task FindsAsync(string violation, Task<Scenario> scenario)
    {
        var explorer = new Explorer(await scenario).Run();
        Assert.True(explorer.Violation is not null, $"{explorer}, and nothing found");
        Print($"after {explorer.Worlds} worlds: {explorer.Violation}");
        Assert.Contains(violation, explorer.Violation, StringComparison.Ordinal);
    }

    private static async Task<Scenario> BreakAsync(Task<Scenario> scenario, string actor, Func<Stores, Stores> change) =>
        (await scenario).Breaking(actor, (stores, _) => change(stores));

    private void Print(string line)
    {
        output.WriteLine(line);
        Console.WriteLine($"{GetType().Name}: {line.Split('\n')[0]}");
    }
}
