using System.Globalization;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Measures what lives in memory, so nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredMemory
{
    public const string Name = "measured memory";
}

/// <summary>A registry of 300,000 links.</summary>
[Collection(MeasuredMemory.Name)]
public sealed class VerifyMemoryTests(ITestOutputHelper output)
{
    private const int Repositories = 100;
    private const int Blobs = 3000;

    [Fact]
    public async Task Memory_does_not_grow_with_links()
    {
        var (few, fewPages) = await MeasureAsync(30_000);
        var (all, allPages) = await MeasureAsync(int.MaxValue);
        output.WriteLine($"30,000 at a time: {few} bytes, {fewPages} pages; all at once: {all} bytes, {allPages} pages");
        Assert.InRange(few, 0, 6 * 1024 * 1024);
        // 32 bytes a link, and what a set adds to that; less what other tests had left behind and is gone meanwhile.
        Assert.InRange(all, 2 * few, 64 * 1024 * 1024);
        Assert.True(fewPages > 2 * allPages);
    }

    /// <returns>The most bytes that lived beyond those at the beginning, and how many pages were read.</returns>
    private static async Task<(long Bytes, int Pages)> MeasureAsync(int most)
    {
        var tables = new ManyLinks();
        var registry = new ContainerRegistry(tables, new InMemoryObjectStore(TimeProvider.System), new RegistryOptions(), TimeProvider.System);
        tables.Before = GC.GetTotalMemory(forceFullCollection: true);
        var missing = 0;
        var summary = await registry.Verifier.RunAsync(new VerifyOptions { MostAtOnce = most, DeleteOrphans = false }, f => missing += f.Kind == VerifyKind.MissingBytes ? 1 : 1000, default);
        Assert.Equal((Blobs, Repositories * Blobs, Repositories), (summary.Blobs, summary.Links, summary.Repositories));
        // There are no bytes at all, and apart from that nothing is wrong.
        Assert.Equal(Blobs, missing);
        return (tables.MostAlive, tables.Pages);
    }

    /// <summary>Tables of blobs and repositories that are computed, and not stored.</summary>
    private sealed class ManyLinks : ITableStore
    {
        private static readonly DateTimeOffset s_time = DateTimeOffset.UnixEpoch;
        private static readonly Dictionary<string, object> s_row = new() { ["size"] = 1L, ["location"] = "data/00/none" };
        private static readonly string[] s_digests =
            [.. Enumerable.Range(0, Blobs).Select(i => Digest.Compute(DigestAlgorithm.Sha256, BitConverter.GetBytes(i)).ToString()).Order(StringComparer.Ordinal)];
        private static readonly string[] s_hints = [.. s_digests.Select(d => TableKeys.HintPrefix + d)];
        private static readonly string[] s_names = [.. Enumerable.Range(0, Repositories).Select(i => $"team.app{i:d3}")];

        public long Before { get; set; }

        public long MostAlive { get; private set; }

        public int Pages { get; private set; }

        public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => Task.FromResult(
            table == TableKeys.BlobsTable && key.Row == TableKeys.BlobRow ? Row(key.Partition, key.Row) : table == TableKeys.SystemTable ? Row(key.Partition, key.Row) : null);

        public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            if (query == TableKeys.SharedRows) return Task.FromResult(new RowPage([], null, s_time));
            if (++Pages % 60 == 0) MostAlive = Math.Max(MostAlive, GC.GetTotalMemory(forceFullCollection: true) - Before);
            var (partitions, rows) = table == TableKeys.BlobsTable ? BlobRows(query) : Hints(query);
            var from = continuation is null ? 0 : int.Parse(continuation, CultureInfo.InvariantCulture);
            var end = Math.Min(from + query.PageSize, partitions.Length * rows.Length);
            List<TableRow> page = [];
            for (var i = from; i < end; i++) page.Add(Row(partitions[i / rows.Length], rows[i % rows.Length]));
            return Task.FromResult(new RowPage(page, end < partitions.Length * rows.Length ? end.ToString(CultureInfo.InvariantCulture) : null, s_time));
        }

        public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => Task.FromResult(new WriteResult(WriteOutcome.Done, "1"));

        public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        private static (string[] Partitions, string[] Rows) BlobRows(RowQuery query) => (s_digests, [.. s_names.Prepend(TableKeys.BlobRow).Where(n => string.CompareOrdinal(n, query.From) >= 0)]);

        private static (string[] Partitions, string[] Rows) Hints(RowQuery query) =>
            ([.. s_names.Where(query.Covers)], query.From.StartsWith(TableKeys.UploadPrefix, StringComparison.Ordinal) ? [] : s_hints);

        private static TableRow Row(string partition, string row) => new(new RowKey(partition, row), s_row, "1", s_time);
    }
}
