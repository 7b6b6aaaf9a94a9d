using System.Buffers.Binary;
using System.Globalization;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>A repository of a million manifests, each with a config and a layer of its own and four layers of a hundred that many share.</summary>
[Collection(MeasuredMemory.Name)]
public sealed class LargeRepositoryTests(ITestOutputHelper output)
{
    private const int Manifests = 1_000_000;

    [Fact]
    public async Task A_million_manifests_are_looked_at_within_300_MiB()
    {
        var tables = new OneLargeRepository();
        var collector = new ContainerRegistry(tables, new InMemoryObjectStore(TimeProvider.System), new RegistryOptions(), TimeProvider.System).GarbageCollector;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var options = new CollectionOptions { DryRun = true, DeleteUntagged = true, TimeBudget = TimeSpan.MaxValue, Repository = OneLargeRepository.Name };
        var summary = await collector.CollectAsync(options, null, default);
        output.WriteLine($"{(tables.MostAlive - before) / 1024 / 1024} MiB beyond {before / 1024 / 1024} MiB");
        // Every hundredth has a tag.
        Assert.Equal(Manifests - (Manifests / 100), summary.Count(CollectedKind.Manifest));
        // The process itself takes less than 40 MiB; other tests of it may have left more behind.
        Assert.InRange(tables.MostAlive - before, 0, 260L * 1024 * 1024);
    }

    /// <summary>Rows that are computed, and not stored.</summary>
    private sealed class OneLargeRepository : ITableStore
    {
        public static readonly RepositoryName Name = RepositoryName.Parse("large");
        private static readonly string s_key = TableKeys.Encode(Name);
        private int _pages;

        /// <summary>The most bytes that lived at a time.</summary>
        public long MostAlive { get; private set; }

        public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => Task.FromResult<TableRow?>(null);

        public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            if (++_pages % 200 == 0) MostAlive = Math.Max(MostAlive, GC.GetTotalMemory(forceFullCollection: true));
            var count = (table, query.From) switch
            {
                (TableKeys.RegistryTable, TableKeys.ManifestPrefix) => Manifests,
                (TableKeys.RegistryTable, TableKeys.TagPrefix) => Manifests / 100,
                _ => 0,
            };
            var from = continuation is null ? 0 : int.Parse(continuation, CultureInfo.InvariantCulture);
            var end = Math.Min(from + query.PageSize, count);
            List<TableRow> rows = [];
            for (var i = from; i < end; i++) rows.Add(query.From == TableKeys.TagPrefix ? Tag(i) : Manifest(i));
            return Task.FromResult(new RowPage(rows, end < count ? end.ToString(CultureInfo.InvariantCulture) : null, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1000)));
        }

        public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        private static TableRow Manifest(int number)
        {
            Digest[] references = [Of(1, number), Of(2, number), Of(3, number % 100), Of(3, (number + 1) % 100), Of(3, (number + 2) % 100), Of(3, (number + 3) % 100)];
            return Row(TableKeys.ManifestPrefix + Of(0, number), new() { ["references"] = ReferenceList.Encode(references) });
        }

        private static TableRow Tag(int number) => Row(
            TableKeys.TagPrefix + number.ToString("d8", CultureInfo.InvariantCulture), new() { ["digest"] = Of(0, number * 100).ToString() });

        private static TableRow Row(string key, Dictionary<string, object> properties) =>
            new(new RowKey(s_key, key), properties, "W/\"datetime'2026-01-01T00%3A00%3A00.1234567Z'\"", DateTimeOffset.UnixEpoch);

        private static Digest Of(int kind, int number)
        {
            Span<byte> seed = stackalloc byte[8];
            BinaryPrimitives.WriteInt32LittleEndian(seed, kind);
            BinaryPrimitives.WriteInt32LittleEndian(seed[4..], number);
            return Digest.Compute(DigestAlgorithm.Sha256, seed);
        }
    }
}
