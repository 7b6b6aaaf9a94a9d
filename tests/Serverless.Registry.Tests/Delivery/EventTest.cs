using Serverless.Registry.Core;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>A registry that tells endpoints of events.</summary>
public abstract class EventTest
{
    private protected TestRegistry Test { get; private set; } = new();

    private protected FakeObserver Observer { get; } = new();

    private protected List<FakeEndpoint> Endpoints { get; } = [];

    private protected static DeliveryOutcome Down { get; } = new("no answer");

    private protected static DeliveryOutcome Refused { get; } = new("400 Bad Request", IsRefused: true);

    private protected Repository App => Test.Repository;

    private protected EventPlace Place => EventPlace.Of(App.Name);

    /// <summary>An endpoint that is told of manifests and tags alone, so that a push is one event.</summary>
    private protected static FakeEndpoint Tags(EndpointOptions? options = null, string name = "ci") => new(name, options) { Subscription = new EventSubscription(name) { Blobs = false } };

    /// <summary>Begins with endpoints; their number is all that tests choose here.</summary>
    private protected void Start(params FakeEndpoint[] endpoints)
    {
        Endpoints.AddRange(endpoints);
        Test = new TestRegistry(new RegistryOptions { BlockSize = TestRegistry.BlockSize, Events = [.. endpoints.Select(e => e.Subscription)] });
    }

    private protected EventDelivery NewDelivery() => Test.NewInstance().DeliverTo(Endpoints, Observer);

    /// <summary>A sweep by another instance, later than anybody relies on his own signal.</summary>
    private protected async Task<SweepSummary> SweepAsync(TimeSpan? later = null)
    {
        Test.Time.Advance(later ?? TimeSpan.FromMinutes(6));
        return await NewDelivery().SweepAsync(TimeSpan.MaxValue, null, default);
    }

    /// <summary>The rows of events, and those of the outbox.</summary>
    private protected async Task<(List<TableRow> Events, List<TableRow> Outbox)> RowsAsync()
    {
        List<TableRow> events = [];
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable])
        {
            var all = RowQuery.Prefix(null, "") with { To = "\u007f" };
            events.AddRange(await Test.Tables.ListAsync(table, all, default).Where(r => r.Key.Row.TrimStart('~').StartsWith(TableKeys.EventPrefix, StringComparison.Ordinal)).ToListAsync());
        }

        return (events, await Test.Tables.ListAsync(TableKeys.SystemTable, TableKeys.Outbox, default).ToListAsync());
    }
}
