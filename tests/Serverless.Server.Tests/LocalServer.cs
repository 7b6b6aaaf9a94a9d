using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;

namespace Serverless.Server.Tests;

/// <summary>An executable in a working directory, without any storage but the folder that it makes there, and a client of it.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private LocalServer(RegistryProcess process, RegistryClient client) => (Process, Client) = (process, client);

    public RegistryProcess Process { get; }

    public RegistryClient Client { get; }

    public static async Task<LocalServer> StartAsync(string folder, params string[] args)
    {
        var url = new Uri($"http://127.0.0.1:{RegistryProcess.FreePort()}");
        var process = RegistryProcess.StartIn(folder, ["--urls", url.AbsoluteUri, .. args]);
        // Nobody looks past the server here.
        var client = new RegistryClient(url, (new InMemoryTableStore(TimeProvider.System), new InMemoryObjectStore(TimeProvider.System)));
        await process.WaitUntilReadyAsync(client.Client);
        return new LocalServer(process, client);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Process.DisposeAsync();
    }
}
