using Serverless.AzureStorage;
using Serverless.Testing;
using Serverless.Testing.Skipping;
using Xunit;

namespace Serverless.Ui.Tests;

/// <summary>Starts the published server over one Azurite: on storage that is empty, or that holds 500 repositories and something of every kind.</summary>
public sealed class PublishedServers : IAsyncLifetime, INeedsAzurite
{
    private readonly AzuriteServer _azurite = new();
    private AzureStorageOptions? _filled;

    // Nobody asks for it where no test can be done.
    public Task InitializeAsync() => Missing.InBrowser is null ? _azurite.InitializeAsync() : Task.CompletedTask;

    public Task DisposeAsync() => _azurite.DisposeAsync();

    internal async Task<PageServer> StartAsync(params string[] settings)
    {
        var server = await PageServer.StartPublishedAsync(_azurite.NewOptions(), settings);
        await server.AddAccountsAsync();
        return server;
    }

    internal Task<PageServer> StartOpenAsync(params string[] settings) => PageServer.StartPublishedOpenAsync(_azurite.NewOptions(), settings);

    /// <summary>On the storage that is filled, once for all tests: each has a server of its own there, and leaves it as it was.</summary>
    internal async Task<PageServer> StartFilledAsync(params string[] settings)
    {
        if (_filled is null)
        {
            var storage = _azurite.NewOptions();
            await using var server = await PageServer.StartPublishedAsync(storage);
            await server.AddAccountsAsync();
            // With a quota all that is pushed counts at once.
            await server.Quotas.SetAsync(new("*") { Hard = 64 << 20 }, default);
            await FilledRegistry.FillAsync(server.Content);
            _filled = storage;
        }

        return await PageServer.StartPublishedAsync(_filled, settings);
    }
}
