using Serverless.Registry.Backup;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Backup;

/// <summary>What docs/operations.md says that a backup costs: calls to the registry's storage and to the archive's.</summary>
public sealed class BackupCostTests
{
    private const int Images = 20;

    private readonly TestRegistry _source = new();
    private readonly InMemoryObjectStore _archive = new(TimeProvider.System);

    [Fact]
    public async Task A_link_is_a_call_here_and_one_there_and_a_blob_that_is_new_one_more_each()
    {
        for (var i = 0; i < Images; i++) await TestRegistry.PushImageAsync(_source.Repository, $"{i}", $"v{i}");
        // Every image has a config and a layer of its own.
        var (registry, archive) = await TakeAsync();
        // The shared rows, accounts, scope maps, quotas, the catalog; tags, history and manifests of the repository; each link.
        Assert.Equal((5 + 3 + (2 * Images), 2 * Images), registry);
        // A look at the backups that there are; that it is begun, accounts; whether the repository is done, and its file; that it is complete.
        Assert.Equal(6 + (2 * Images) + (2 * Images), archive);
        (registry, archive) = await TakeAsync();
        Assert.Equal((5 + 3 + (2 * Images), 0), registry);
        // Each backup that is complete has two files that are read.
        Assert.Equal(6 + 2 + (2 * Images), archive);
    }

    private async Task<((int Tables, int Objects) Registry, int Archive)> TakeAsync()
    {
        _source.Time.Advance(TimeSpan.FromMinutes(1));
        var (here, there) = (new StorageProbe(), new StorageProbe());
        var (tables, objects) = here.Watch((_source.Tables, _source.Objects));
        var (_, archive) = there.Watch((_source.Tables, _archive));
        var registry = new ContainerRegistry(tables, objects, _source.Options, _source.Time);
        Assert.NotNull((await registry.Backups(new ContainerArchive(archive)).RunAsync(false, new BackupProgress(), null, default)).Ended);
        return (here.Counts, there.Counts.Object);
    }
}
