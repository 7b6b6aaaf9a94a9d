using System.Collections.Concurrent;
using Serverless.AzureStorage;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The published app in the emulated host, and a client of it.</summary>
public sealed class HostedRegistry : RegistryClient
{
    // No timer of its own accord: tests call them when they need them.
    private const string Never = "0 0 0 1 1 *";

    private readonly ConcurrentQueue<string> _output;

    private HostedRegistry(EmulatedHost host, (ITableStore Tables, IObjectStore Objects) stores, ConcurrentQueue<string> output)
        : base(host.Url, stores) => (Host, _output) = (host, output);

    public EmulatedHost Host { get; }

    /// <summary>What the worker has printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <param name="folder">The published folder.</param>
    /// <param name="storage">The storage that the app is told of.</param>
    /// <param name="settings">Further app settings.</param>
    /// <param name="change">Changes what the host is told.</param>
    public static async Task<HostedRegistry> StartAsync(
        string folder, AzureStorageOptions storage, IReadOnlyDictionary<string, string>? settings = null, Func<FunctionsHostOptions, FunctionsHostOptions>? change = null)
    {
        var output = new ConcurrentQueue<string>();
        var options = new FunctionsHostOptions { AppRoot = folder, AppSettings = Settings(storage, settings ?? new Dictionary<string, string>()), WorkerOutput = output.Enqueue };
        return new HostedRegistry(await EmulatedHost.StartAsync(change?.Invoke(options) ?? options), AzureStores.Create(storage, TimeProvider.System), output);
    }

    public static Dictionary<string, string> Settings(AzureStorageOptions storage, IReadOnlyDictionary<string, string> more)
    {
        var settings = new Dictionary<string, string>
        {
            ["AzureWebJobsDisableHomepage"] = "true",
            ["Registry__Storage__ConnectionString"] = storage.ConnectionString!,
            ["Registry__Storage__Container"] = storage.ContainerName,
            ["Registry__Storage__TablePrefix"] = storage.TablePrefix,
            ["Registry__Auth__Mode"] = "none",
            ["MaintenanceSchedule"] = Never,
            // As where nobody is told of events.
            ["AzureWebJobs_Events_Disabled"] = "true",
        };
        foreach (var (name, value) in more) settings[name] = value;
        return settings;
    }

    /// <summary>Every request fitted one function at most.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Host.DisposeAsync();
        Assert.Empty(Host.Problems);
    }
}
