using System.Globalization;
using Serverless.AzureStorage;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Serverless.Testing.Rules;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>The protocol suite against the executable on Azurite.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ProcessRuleTests(ProcessRuleRegistry registries) : RuleTests(registries), IClassFixture<ProcessRuleRegistry>;

/// <summary>The rules' registries, each a process.</summary>
public sealed class ProcessRuleRegistry(AzuriteServer azurite) : RuleRegistry
{
    private readonly Dictionary<bool, AzureStorageOptions> _storage = [];

    protected override async Task<RegistryClient> StartAsync(bool changes, string[] settings)
    {
        if (!_storage.TryGetValue(changes, out var storage)) _storage[changes] = storage = azurite.NewOptions();
        return await ProcessClient.StartAsync(storage, ["--Registry:AllowedHosts:0=evil.example", .. settings.Select(s => "--Registry:" + s)]);
    }
}

/// <summary>A client of an executable that runs for it.</summary>
internal sealed class ProcessClient : RegistryClient
{
    private readonly RegistryProcess _process;

    private ProcessClient(Uri url, (ITableStore Tables, IObjectStore Objects) stores, RegistryProcess process)
        : base(url, stores) => _process = process;

    public static async Task<ProcessClient> StartAsync(AzureStorageOptions storage, params string[] args)
    {
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{RegistryProcess.FreePort()}"));
        var process = RegistryProcess.Start(
            ["--urls", url.AbsoluteUri, .. args],
            ("Registry__Storage__ConnectionString", storage.ConnectionString!), ("Registry__Storage__Container", storage.ContainerName), ("Registry__Storage__TablePrefix", storage.TablePrefix),
            ("Logging__LogLevel__Default", "Warning"));
        var client = new ProcessClient(url, AzureStores.Create(storage, TimeProvider.System), process);
        await process.WaitUntilReadyAsync(client.Client);
        return client;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _process.DisposeAsync();
    }
}
