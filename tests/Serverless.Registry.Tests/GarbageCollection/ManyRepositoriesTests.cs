using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Storage;
using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>Very many repositories to which somebody pushes every day, with storage that takes five milliseconds for a call, by a clock that is moved by hand.</summary>
public sealed class ManyRepositoriesTests
{
    // Some, unless the environment says how many: 200,000 take half a minute.
    private static readonly int s_repositories = int.TryParse(Environment.GetEnvironmentVariable("SIMULATED_REPOSITORIES"), out var count) ? count : 20_000;
    private static readonly TimeSpan s_call = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_run = TimeSpan.FromMinutes(25);

    private readonly ITestOutputHelper _output;
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryTableStore _tables;
    private readonly InMemoryObjectStore _objects;

    public ManyRepositoriesTests(ITestOutputHelper output) => (_output, _tables, _objects) = (output, new InMemoryTableStore(_time), new InMemoryObjectStore(_time));

    [Fact]
    public async Task Each_repository_and_each_digest_has_its_turn_within_two_hours_of_its_due_time()
    {
        var options = new RegistryOptions();
        await new ContainerRegistry(_tables, _objects, options, _time).DemandWritableAsync(delete: false, default);
        var begun = _time.GetUtcNow();
        // Due over a day, each at its moment.
        for (var i = 0; i < s_repositories; i++)
        {
            var due = begun + (TimeSpan.FromDays(1) * ((double)i / s_repositories));
            await _tables.WriteAsync(TableKeys.SystemTable, QueueEntry.Queue(TableKeys.QueuedRepository(NameOf(i)), due), default);
            await _tables.WriteAsync(TableKeys.SystemTable, QueueEntry.Queue(TableKeys.QueuedDigest(DigestOf(i)), due), default);
        }

        var (worst, cursor, most) = (TimeSpan.Zero, (string?)null, TimeSpan.Zero);
        for (var hour = 1; hour <= 26; hour++)
        {
            _time.SetUtcNow(begun + TimeSpan.FromHours(hour));
            var slow = new SlowTables(_tables, _time);
            var collector = new ContainerRegistry(slow, _objects, options, _time).GarbageCollector;
            var walk = new WalkCursor(cursor, (reached, _) =>
            {
                cursor = reached;
                return Task.CompletedTask;
            });
            // One call at a time: five milliseconds each, and nothing gained by looking at many at once.
            await collector.CollectAsync(new CollectionOptions { MaxParallel = 1, TimeBudget = s_run }, null, walk, default);
            worst = await WorstAsync(worst);
            most = slow.Taken > most ? slow.Taken : most;
        }

        _output.WriteLine($"at most {worst} late; the longest run took {most}, one call at a time");
        Assert.InRange(worst, TimeSpan.Zero, TimeSpan.FromHours(2));
        Assert.InRange(most, TimeSpan.Zero, s_run);
    }

    /// <summary>By how much what still waits is late.</summary>
    private async Task<TimeSpan> WorstAsync(TimeSpan worst)
    {
        foreach (var queue in (RowQuery[])[TableKeys.RepositoryQueue, TableKeys.DigestQueue])
        {
            await foreach (var row in _tables.ListAsync(TableKeys.SystemTable, queue, default))
            {
                var late = _time.GetUtcNow() - new QueueEntry(row).Due!.Value;
                if (late > worst) worst = late;
            }
        }

        return worst;
    }

    private static RepositoryName NameOf(int number) => RepositoryName.Parse($"team{number % 1000}/app{number}");

    private static Digest DigestOf(int number) => Digest.Compute(DigestAlgorithm.Sha256, BitConverter.GetBytes(number));

    /// <summary>Each call moves the clock.</summary>
    private sealed class SlowTables(ITableStore inner, FakeTimeProvider time) : PassingTableStore(inner)
    {
        public TimeSpan Taken { get; private set; }

        public override async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
        {
            Take();
            return await base.FindAsync(table, key, cancellationToken);
        }

        public override Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            Take();
            return base.QueryAsync(table, query, continuation, cancellationToken);
        }

        public override Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
        {
            Take();
            return base.WriteAsync(table, write, cancellationToken);
        }

        public override Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
        {
            Take();
            return base.WriteAsync(table, batch, cancellationToken);
        }

        private void Take()
        {
            time.Advance(s_call);
            Taken += s_call;
        }
    }
}
