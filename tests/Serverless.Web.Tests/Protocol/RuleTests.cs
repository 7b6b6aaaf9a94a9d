using Serverless.Registry.Storage;
using Serverless.Testing;
using Serverless.Testing.Rules;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public sealed class RuleTestsInMemory(RuleRegistryInMemory registries) : RuleTests(registries), IClassFixture<RuleRegistryInMemory>;

[Collection(AzuriteCollection.Name)]
public sealed class RuleTestsOnAzurite(RuleRegistryOnAzurite registries) : RuleTests(registries), IClassFixture<RuleRegistryOnAzurite>;

public sealed class RuleTestsOnLocalDisk(RuleRegistryOnLocalDisk registries) : RuleTests(registries), IClassFixture<RuleRegistryOnLocalDisk>
{
    protected override bool StorageHasAddresses => false;
}

/// <summary>The rules' registries in this process.</summary>
public abstract class RuleRegistryInProcess(IStorageKind storage) : RuleRegistry
{
    private readonly ManualTimeProvider _time = new(startNow: true);
    private readonly Dictionary<bool, (ITableStore Tables, IObjectStore Objects)> _stores = [];

    protected override async Task<RegistryClient> StartAsync(bool changes, string[] settings)
    {
        if (!_stores.TryGetValue(changes, out var stores)) _stores[changes] = stores = storage.NewStores(_time);
        return await RegistryServer.StartAsync(stores, _time, settings);
    }
}

public sealed class RuleRegistryInMemory : RuleRegistryInProcess
{
    private readonly InMemoryStorage _storage;

    public RuleRegistryInMemory()
        : this(new InMemoryStorage())
    {
    }

    private RuleRegistryInMemory(InMemoryStorage storage)
        : base(storage) => _storage = storage;

    public override async Task InitializeAsync()
    {
        await _storage.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _storage.DisposeAsync();
    }
}

public sealed class RuleRegistryOnAzurite(AzuriteStorage storage) : RuleRegistryInProcess(storage);

public sealed class RuleRegistryOnLocalDisk : RuleRegistryInProcess
{
    private readonly LocalDisk _disk;

    public RuleRegistryOnLocalDisk()
        : this(new LocalDisk())
    {
    }

    private RuleRegistryOnLocalDisk(LocalDisk disk)
        : base(disk) => _disk = disk;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _disk.Dispose();
    }
}
