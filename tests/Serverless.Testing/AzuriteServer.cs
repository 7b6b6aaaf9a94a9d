using System.Net;
using System.Net.Sockets;
using Serverless.AzureStorage;
using Serverless.AzureStorage.Development;
using Serverless.Registry.Storage;
using Serverless.Testing.Skipping;
using Xunit;

namespace Serverless.Testing;

/// <summary>One Azurite for a test run, in memory, on free ports. Every test takes stores of its own in it.</summary>
public sealed class AzuriteServer : IAsyncLifetime, INeedsAzurite
{
    private static int s_lastStore;

    private AzuriteProcess? _process;

    public string ConnectionString { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var (blobPort, tablePort, queuePort) = FreePorts();
        _process = await AzuriteProcess.StartAsync(blobPort, tablePort, queuePort, location: null, CancellationToken.None);
        ConnectionString = AzuriteProcess.ConnectionString(blobPort, tablePort, queuePort);
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

    private static (int Blob, int Table, int Queue) FreePorts()
    {
        // All at once, so that no two are the same.
        using var blob = Listen();
        using var table = Listen();
        using var queue = Listen();
        return (PortOf(blob), PortOf(table), PortOf(queue));
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
