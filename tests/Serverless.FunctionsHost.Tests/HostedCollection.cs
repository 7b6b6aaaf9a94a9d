using Serverless.AzureStorage;
using Serverless.Testing;
using Serverless.Testing.Skipping;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>One published app and one Azurite for all tests.</summary>
public sealed class HostedFixture : IAsyncLifetime, INeedsAzurite
{
    public PublishedApp App { get; } = new();

    public AzuriteServer Azurite { get; } = new();

    public Task InitializeAsync() => Task.WhenAll(App.InitializeAsync(), Azurite.InitializeAsync());

    public async Task DisposeAsync()
    {
        await Azurite.DisposeAsync();
        await App.DisposeAsync();
    }

    /// <summary>A registry on storage of its own.</summary>
    public Task<HostedRegistry> StartAsync(params (string Name, string Value)[] settings) => StartAsync(Azurite.NewOptions(), settings);

    /// <summary>A registry on that storage.</summary>
    public Task<HostedRegistry> StartAsync(AzureStorageOptions storage, params (string Name, string Value)[] settings) =>
        HostedRegistry.StartAsync(App.Folder, storage, settings.ToDictionary(s => s.Name, s => s.Value));
}

[CollectionDefinition(Name)]
public sealed class HostedCollection : ICollectionFixture<HostedFixture>
{
    public const string Name = "Hosted";
}
