using System.Diagnostics;
using System.Globalization;
using Serverless.Registry;

namespace Serverless.Soak;

/// <summary>The whole: clients and collectors at once, then a last look at everything.</summary>
internal sealed class SoakRun(SoakOptions options, SoakStorage storage)
{
    private const int Clients = 12;
    private const int Collectors = 2;

    private readonly Ledger _ledger = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <returns>Whether nothing was lost, nothing leaked, and what is held was told rightly.</returns>
    public async Task<bool> RunAsync()
    {
        var usage = new UsageCheck(storage.Open());
        await usage.BeginAsync();
        using var stop = new CancellationTokenSource(options.Duration);
        var collectors = Enumerable.Range(0, Collectors).Select(i => Task.Run(() => new Collector(i, options, storage, _ledger).RunAsync(stop.Token)));
        var clients = Enumerable.Range(0, Clients).Select(i => Task.Run(() => new Client(i, options, storage, _ledger).RunAsync(stop.Token)));
        var all = Task.WhenAll([.. collectors, .. clients]);
        while (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(10))) != all)
        {
            Print("under way");
            await usage.LookAsync();
        }

        await all;

        Print("collecting the rest");
        var stores = storage.Open();
        await Collector.FinishAsync(stores, _ledger);
        var registry = new ContainerRegistry(stores.Tables, stores.Objects, SoakOptions.Registry, TimeProvider.System);
        var standing = _ledger.Standing;
        foreach (var promise in standing) await Puller.PullAsync(registry, promise, _ledger);
        var leaks = await Leaks.FindAsync(stores, _ledger.CountOf("failed") + _ledger.CountOf("failed collection"));
        foreach (var leak in leaks) Console.WriteLine($"LEAKED {leak}");
        await usage.EndAsync();
        foreach (var problem in usage.Problems) Console.WriteLine($"MISCOUNTED {problem}");
        Console.WriteLine(_ledger.Summary);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_ledger.Operations} operations, {standing.Count} manifests pulled at the end, {_ledger.Lost} lost, {leaks.Count} leaked"));
        return _ledger.Lost == 0 && leaks.Count == 0 && usage.Problems.Count == 0;
    }

    private void Print(string what) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{_watch.Elapsed:mm\\:ss} {what}: {_ledger.Operations} operations, {_ledger.Standing.Count} manifests, {_ledger.Lost} lost"));
}
