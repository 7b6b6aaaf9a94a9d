using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Storage;

namespace Serverless.Soak;

/// <summary>Compares what the registry says that it holds with what it does.</summary>
/// <param name="stores">The stores, without faults.</param>
internal sealed class UsageCheck(Stores stores)
{
    // As it is read; each look with a registry of its own, which remembers nothing.
    private ContainerRegistry Registry => new(stores.Tables, stores.Objects, SoakOptions.Registry, TimeProvider.System);

    /// <summary>What was found.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>With a quota, which nothing reaches, whatever is pushed counts at once.</summary>
    public Task BeginAsync() => Registry.Quotas.SetAsync(new Quota("soak") { Hard = long.MaxValue / 2 }, default);

    /// <summary>While clients are at work: what is linked before and after counts in between. More may count, for what is on its way, or was deleted a moment ago.</summary>
    public async Task LookAsync()
    {
        var before = await LinksAsync();
        var said = await SumAsync();
        var after = await LinksAsync();
        var least = before.Where(l => after.ContainsKey(l.Key)).Sum(l => l.Value);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"usage: {said} bytes; {least} are linked"));
        if (said < least) Problems.Add(string.Create(CultureInfo.InvariantCulture, $"usage told {said} bytes while {least} were linked"));
    }

    /// <summary>When all is over: the sums are those of the links.</summary>
    public async Task EndAsync()
    {
        var links = (await LinksAsync()).GroupBy(l => l.Key.Row, l => l.Value).ToDictionary(g => g.Key, g => g.Sum());
        foreach (var name in Content.Repositories)
        {
            var (said, linked) = ((await Registry.Usage.FindAsync(name, default))?.Bytes ?? 0, links.GetValueOrDefault(TableKeys.Encode(name)));
            if (said != linked) Problems.Add(string.Create(CultureInfo.InvariantCulture, $"usage tells {said} bytes of {name}, and {linked} are linked"));
        }

        var (whole, all) = (await SumAsync(), links.Values.Sum());
        if (whole != all) Problems.Add(string.Create(CultureInfo.InvariantCulture, $"usage tells {whole} bytes of all, and {all} are linked"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"usage at the end: {whole} bytes; {all} are linked"));
    }

    private async Task<long> SumAsync() => await Registry.Usage.ListNamespacesAsync(null, _ => true, default).Select(n => n.Bytes).SumAsync();

    private async Task<Dictionary<RowKey, long>> LinksAsync() => await stores.Tables.ListAsync(TableKeys.BlobsTable, RowQuery.All, default)
        .Where(r => TableKeys.TryDecode(r.Key.Row, out _)).ToDictionaryAsync(r => r.Key, r => r.GetInt64("size"));
}
