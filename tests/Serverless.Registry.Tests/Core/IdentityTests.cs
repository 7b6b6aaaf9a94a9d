using System.Text;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Core;

/// <summary>Tables and bytes of two registries are never taken for those of one.</summary>
public sealed class IdentityTests
{
    private static readonly byte[] s_content = Any.Content(1000);
    private readonly TestRegistry _first = new();

    [Fact]
    public async Task The_first_write_marks_the_container_once()
    {
        await _first.Repository.Blobs.PutAsync(s_content, default);
        var report = await _first.NewInstance().Identity.ReadAsync(default);
        Assert.True(report is { Agrees: true, IsMarked: true });
        Assert.Equal(32, report.Tables!.Length);
        await _first.NewInstance().GetRepository(_first.Repository.Name).Blobs.PutAsync(Any.Content(5), default);
        Assert.Equal(report, await _first.NewInstance().Identity.ReadAsync(default));
    }

    [Fact]
    public async Task Instances_that_write_first_at_the_same_time_agree()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => _first.NewInstance().GetRepository(_first.Repository.Name).Blobs.PutAsync(Any.Content(i + 1), default))));
        Assert.True((await _first.NewInstance().Identity.ReadAsync(default)) is { Agrees: true, IsMarked: true });
    }

    [Fact]
    public async Task Another_registry_cannot_write_beside_the_bytes()
    {
        await TestRegistry.PushImageAsync(_first.Repository, "1", "v1");
        var second = new ContainerRegistry(new InMemoryTableStore(_first.Time), _first.Objects, _first.Options, _first.Time);
        var names = await _first.ObjectNamesAsync();
        await RefusedAsync(() => second.GetRepository(_first.Repository.Name).Blobs.PutAsync(s_content, default));
        await RefusedAsync(() => second.DemandWritableAsync(false, default).AsTask());
        Assert.Equal(names, await _first.ObjectNamesAsync());
        // Once it knows the id it does not try to put another.
        await RefusedAsync(() => second.GetRepository(_first.Repository.Name).Blobs.PutAsync(s_content, default));
        Assert.False((await second.Identity.ReadAsync(default)).Agrees);
    }

    [Fact]
    public async Task Another_registry_cannot_take_the_bytes_for_garbage()
    {
        await TestRegistry.PushImageAsync(_first.Repository, "1", "v1");
        var second = new TestRegistry();
        await TestRegistry.PushImageAsync(second.Repository, "2", "v2");
        _first.Time.Advance(TimeSpan.FromDays(30));
        second.Time.Advance(TimeSpan.FromDays(30));
        var mixed = new ContainerRegistry(second.Tables, _first.Objects, second.Options, second.Time);
        var names = await _first.ObjectNamesAsync();
        await RefusedAsync(() => mixed.Verifier.RunAsync(new VerifyOptions { Repair = true }, null, default));
        await second.Repository.Manifests.DeleteAsync((await second.Repository.Tags.FindAsync(Tag.Parse("v2"), default))!.Digest, default);
        await RefusedAsync(() => CollectAllAsync(mixed, second));
        Assert.Equal(names, await _first.ObjectNamesAsync());
    }

    [Fact]
    public async Task A_container_without_its_marker_is_not_written_to_until_it_is_claimed()
    {
        await TestRegistry.PushImageAsync(_first.Repository, "1", "v1");
        await _first.Objects.DeleteAsync(TableKeys.MarkerObject, null, default);
        var instance = _first.NewInstance();
        var refusal = await RefusedAsync(() => instance.GetRepository(_first.Repository.Name).Blobs.PutAsync(s_content, default));
        Assert.Contains("missing", refusal.Message, StringComparison.Ordinal);
        await instance.Identity.ClaimAsync(default);
        await instance.GetRepository(_first.Repository.Name).Blobs.PutAsync(s_content, default);
        Assert.True((await _first.NewInstance().Identity.ReadAsync(default)).Agrees);
    }

    [Fact]
    public async Task A_crash_or_a_lost_answer_anywhere_in_the_first_write_does_no_harm()
    {
        foreach (var fault in Enum.GetValues<StorageFault>())
        {
            for (var call = 0; call < 8; call++)
            {
                var (test, probe) = (new TestRegistry(), new StorageProbe());
                var (tables, objects) = probe.Watch((test.Tables, test.Objects));
                probe.FailAt(call, fault);
                await StorageFaults.FailsAsync(() => new ContainerRegistry(tables, objects, test.Options, test.Time).DemandWritableAsync(false, default).AsTask());
                await test.Repository.Blobs.PutAsync(s_content, default);
                Assert.True((await test.NewInstance().Identity.ReadAsync(default)) is { Agrees: true, IsMarked: true });
            }
        }
    }

    [Fact]
    public async Task It_costs_nothing_once_it_is_known()
    {
        await _first.Repository.Blobs.PutAsync(s_content, default);
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((_first.Tables, _first.Objects));
        var instance = new ContainerRegistry(tables, objects, _first.Options, _first.Time);
        await instance.DemandWritableAsync(false, default);
        Assert.Equal((1, 1), probe.Counts);
        _first.Time.Advance(TimeSpan.FromSeconds(6));
        await instance.DemandWritableAsync(false, default);
        Assert.Equal((2, 1), probe.Counts);
    }

    [Fact]
    public async Task A_marker_that_is_not_text_is_anothers()
    {
        await _first.Objects.PutAsync(TableKeys.MarkerObject, new(Encoding.UTF8.GetBytes(new string('x', 5000))), default);
        await RefusedAsync(() => _first.Repository.Blobs.PutAsync(s_content, default));
    }

    private static async Task CollectAllAsync(ContainerRegistry registry, TestRegistry test)
    {
        for (var run = 0; run < 4; run++)
        {
            test.Time.Advance(test.Options.Grace * 1.25);
            await registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        }
    }

    private static Task<RegistryException> RefusedAsync(Func<Task> act) => TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, act);
}
