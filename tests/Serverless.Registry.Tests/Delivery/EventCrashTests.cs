using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Crashes;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>A fault at every call to storage and to the endpoint, between a change and the end of its delivery.</summary>
public sealed class EventCrashTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeEndpoint _endpoint = new();
    private (ITableStore Tables, IObjectStore Objects) _stores;

    public static TheoryData<string, StorageFault> Cases => CrashTests.Cases;

    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Of_a_change_that_a_fault_hits_nothing_is_told_but_what_is_so_and_in_the_end_everything_is(string name, StorageFault fault)
    {
        var expected = await TellAsync(CrashScenarios.All[name](), null, 0);
        var call = 0;
        while (await TellAsync(CrashScenarios.All[name](), fault, call) is { } told)
        {
            Assert.Equal(expected!.Order(), told.Order());
            call++;
        }

        Assert.InRange(call, 3, 1000);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_delivery_that_a_fault_hits_is_made_good(StorageFault fault)
    {
        for (var call = 0; ; call++)
        {
            Begin();
            var pushed = await PushAsync();
            var probe = new StorageProbe();
            probe.FailAt(call, fault);
            foreach (var place in Places()) await StorageFaults.FailsAsync(() => Delivery(probe.Watch(_stores)).DeliverAsync(place, default));
            await StorageFaults.FailsAsync(() => Delivery(probe.Watch(_stores)).SweepAsync(TimeSpan.MaxValue, null, default));
            await FinishAsync();
            Assert.Equal(pushed, _endpoint.Words().Distinct().Order());
            if (probe.Calls.Count <= call) break;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_dies_while_it_tells_the_endpoint_is_made_good(bool told)
    {
        for (var call = 0; call < 8; call++)
        {
            Begin();
            var pushed = await PushAsync();
            var (asked, reached) = (0, call);
            var probe = new StorageProbe();
            _endpoint.Answer = _ => asked++ != reached || told ? DeliveryOutcome.Delivered : Die(probe);
            foreach (var place in Places())
            {
                await StorageFaults.FailsAsync(async () =>
                {
                    if (told && asked > reached) probe.FailAt(0, StorageFault.CrashBefore);
                    await Delivery(probe.Watch(_stores)).DeliverAsync(place, default);
                });
            }

            _endpoint.Answer = _ => DeliveryOutcome.Delivered;
            await FinishAsync();
            Assert.Equal(pushed, _endpoint.Words().Distinct().Order());
        }
    }

    [Fact]
    public async Task With_lost_answers_everywhere_ten_thousand_pushes_are_ten_thousand_ids()
    {
        Begin();
        const int Pushes = 10_000;
        var random = new SeededGenerator(16);
        var lossy = new LossyTableStore(_stores.Tables, random);
        var tables = (Tables: (ITableStore)lossy, _stores.Objects);
        _endpoint.Answer = _ => random.Next(20) == 0 ? new DeliveryOutcome("lost") : DeliveryOutcome.Delivered;
        var registry = NewRegistry(tables);
        var config = await registry.GetRepository(RepositoryName.Parse("app0")).Blobs.PutAsync("{}"u8.ToArray(), default);
        for (var i = 1; i < 10; i++) await registry.GetRepository(RepositoryName.Parse($"app{i}")).Blobs.PutAsync("{}"u8.ToArray(), default);
        var acknowledged = new HashSet<string>();
        for (var i = 0; i < Pushes; i++)
        {
            var repository = registry.GetRepository(RepositoryName.Parse($"app{i % 10}"));
            var builder = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig });
            builder.Annotations["n"] = $"{i}";
            var image = builder.Build();
            // As clients do.
            while (await StorageFaults.FailsAsync(() => repository.Manifests.PutAsync(image, [Tag.Parse("v1")], default))) _time.Advance(TimeSpan.FromMilliseconds(10));
            acknowledged.Add(image.Digest.ToString());
            _time.Advance(TimeSpan.FromMilliseconds(3));
            if (i % 100 == 0) await StorageFaults.FailsAsync(() => Delivery(tables).DeliverAsync(EventPlace.Of(repository.Name), default));
        }

        // A sweep that storage fails ends, so it takes some.
        for (var i = 0; i < 300 && _endpoint.Told.Count(e => !e.IsBlob) < acknowledged.Count; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(11));
            await StorageFaults.FailsAsync(() => Delivery(tables).SweepAsync(TimeSpan.MaxValue, null, default));
        }

        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(11));
            await StorageFaults.FailsAsync(() => Delivery(tables).SweepAsync(TimeSpan.MaxValue, null, default));
        }

        var told = _endpoint.Told.Where(e => !e.IsBlob).ToList();
        Assert.Equal(Pushes, acknowledged.Count);
        Assert.Equal(acknowledged.Order(), told.Select(e => e.Digest.ToString()!).Distinct().Order());
        // Whoever pushes again because he had no answer may be told of twice, under two ids.
        Assert.InRange(told.Select(e => e.Id).Distinct().Count(), Pushes, Pushes + (Pushes / 10));
        Assert.True(lossy.Lost > Pushes / 10);
    }

    // A process that has died writes nothing any more.
    private static DeliveryOutcome Die(StorageProbe probe)
    {
        probe.FailAt(probe.Calls.Count, StorageFault.CrashBefore);
        throw new TaskCanceledException();
    }

    /// <returns>What is told of in the end; null when there was no call of that number.</returns>
    private async Task<IReadOnlyCollection<string>?> TellAsync(CrashScenario scenario, StorageFault? fault, int call)
    {
        Begin();
        var probe = new StorageProbe();
        await scenario.Prepare(NewRegistry(_stores));
        // What was told of before is no part of it.
        await FinishAsync();
        var before = _endpoint.Told.Count;
        if (fault is { } chosen) probe.FailAt(call, chosen);
        var failed = await StorageFaults.FailsAsync(() => scenario.Act(NewRegistry(probe.Watch(_stores))));
        if (fault is not null && probe.Calls.Count <= call) return null;
        if (failed)
        {
            var registry = NewRegistry(_stores);
            await SweepAsync(TimeSpan.FromMinutes(2));
            foreach (var told in _endpoint.Told.Skip(before)) await AssertTrueAsync(registry, told);
            await scenario.Act(registry);
        }

        await scenario.Check(NewRegistry(_stores));
        (await StoreAudit.ReadAsync(_stores)).AssertSound();
        await FinishAsync();
        return [.. _endpoint.Words().Skip(before).Distinct()];
    }

    // Whether what was told of has happened.
    private static async Task AssertTrueAsync(ContainerRegistry registry, RegistryEvent told)
    {
        var repository = registry.GetRepository(told.Repository);
        var isThere = told switch
        {
            { IsBlob: true } => await repository.Blobs.FindAsync(told.Digest!.Value, default) is not null,
            { Tag: { } tag } => (await repository.Tags.FindAsync(tag, default))?.Digest == told.Digest,
            { Digest: { } digest } => await repository.Manifests.FindAsync(new Reference(digest), default) is not null,
            _ => await repository.Manifests.ListAsync(default).AnyAsync(),
        };
        Assert.True(isThere == (told.Action != EventAction.Delete), $"It is told, but not so: {FakeEndpoint.Words(told)}");
    }

    private void Begin()
    {
        _stores = (new InMemoryTableStore(_time), new InMemoryObjectStore(_time));
        _endpoint.Forget();
    }

    private static IEnumerable<EventPlace> Places() =>
        [EventPlace.Of(RepositoryName.Parse("a")), EventPlace.Of(RepositoryName.Parse("b")), EventPlace.Of(Digest.Compute(DigestAlgorithm.Sha256, "{}"u8.ToArray()))];

    private async Task<IEnumerable<string>> PushAsync()
    {
        var registry = NewRegistry(_stores);
        List<string> expected = [];
        foreach (var name in (string[])["a", "b"])
        {
            var repository = registry.GetRepository(RepositoryName.Parse(name));
            var config = await repository.Blobs.PutAsync("{}"u8.ToArray(), default);
            var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build();
            await repository.Manifests.PutAsync(image, [Tag.Parse("v1"), Tag.Parse("v2")], default);
            expected.AddRange([$"Push blob {name}@{config.Digest}", $"Push {name}:v1@{image.Digest}", $"Push {name}:v2@{image.Digest}"]);
        }

        return expected.Order();
    }

    // Claims of the dead are over, and everything has had its turn.
    private async Task FinishAsync()
    {
        for (var i = 0; i < 3; i++) await SweepAsync(TimeSpan.FromMinutes(16));
    }

    private Task SweepAsync(TimeSpan later)
    {
        _time.Advance(later);
        return Delivery(_stores).SweepAsync(TimeSpan.MaxValue, null, default);
    }

    private EventDelivery Delivery((ITableStore Tables, IObjectStore Objects) stores) => NewRegistry(stores).DeliverTo([_endpoint], new FakeObserver());

    private ContainerRegistry NewRegistry((ITableStore Tables, IObjectStore Objects) stores) =>
        new(stores.Tables, stores.Objects, new RegistryOptions { BlockSize = CrashScenarios.BlockSize, Events = [_endpoint.Subscription] }, _time);

    /// <summary>Loses one answer in twenty: it is applied, and whoever has called is told that storage is not available, or the client of storage calls again.</summary>
    private sealed class LossyTableStore(ITableStore inner, SeededGenerator random) : PassingTableStore(inner)
    {
        public int Lost { get; private set; }

        public override Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => Draw().RunAsync(() => base.WriteAsync(table, write, cancellationToken));

        public override Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => Draw().RunAsync(() => base.WriteAsync(table, batch, cancellationToken));

        private StorageFault? Draw()
        {
            var drawn = random.Next(40);
            if (drawn > 1) return null;
            Lost++;
            return drawn == 0 ? StorageFault.AppliedButUnavailable : StorageFault.Replay;
        }
    }
}
