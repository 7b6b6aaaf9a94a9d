using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteServer>
{
    public const string Name = "Azurite";
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureTableStoreTests(AzuriteServer azurite) : TableStoreContract
{
    protected override ITableStore Store { get; } = azurite.NewStores().Tables;
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureObjectStoreTests(AzuriteServer azurite) : ObjectStoreContract, IDisposable
{
    private readonly HttpClient _client = new();

    protected override IObjectStore Store { get; } = azurite.NewStores().Objects;

    public void Dispose() => _client.Dispose();

    protected override async Task<string?> FetchAsync(Uri signed)
    {
        using var answer = await _client.GetAsync(signed);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureTaskClaimTests(AzuriteServer azurite) : TaskClaimContract
{
    protected override ITableStore Store { get; } = azurite.NewStores().Tables;

    protected override TimeProvider Time => TimeProvider.System;

    protected override Task WaitAsync(TimeSpan time) => Task.Delay(time);
}
