using System.Net;
using System.Net.Sockets;
using Serverless.AzureStorage;
using Serverless.AzureStorage.Development;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Testing;

/// <summary>One Azurite for a test run, in memory, on free ports. Every test takes stores of its own in it.</summary>
public sealed class AzuriteServer : IAsyncLifetime
{
    private static int s_lastStore;

    private AzuriteProcess? _process;

    public string ConnectionString { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var (blobPort, tablePort) = FreePorts();
        _process = await AzuriteProcess.StartAsync(blobPort, tablePort, location: null, CancellationToken.None);
        ConnectionString = AzuriteProcess.ConnectionString(blobPort, tablePort);
    }

    public async Task DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Options for a container and tables that nobody else uses.</summary>
    public AzureStorageOptions NewOptions()
    {
        var name = "test" + Interlocked.Increment(ref s_lastStore);
        return new AzureStorageOptions { ConnectionString = ConnectionString, ContainerName = name, TablePrefix = name };
    }

    public (ITableStore Tables, IObjectStore Objects) NewStores() => AzureStores.Create(NewOptions(), TimeProvider.System);

    private static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
