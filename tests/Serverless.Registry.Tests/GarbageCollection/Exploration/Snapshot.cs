using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>What is stored when a scenario begins: made once by the registry itself, then put into every world.</summary>
internal sealed class Snapshot
{
    private readonly List<(string Table, TableRow Row)> _rows = [];
    private readonly List<(string Name, Func<IObjectStore, Task> Write)> _writes = [];

    private Snapshot()
    {
    }

    /// <summary>Keeps what somebody does to an empty registry.</summary>
    public static Task<Snapshot> TakeAsync(RegistryOptions options, Func<ContainerRegistry, Task> prepare) => TakeAsync(options, (registry, _) => prepare(registry));

    /// <summary>As the other overload, for somebody who reaches for the bytes too.</summary>
    public static async Task<Snapshot> TakeAsync(RegistryOptions options, Func<ContainerRegistry, IObjectStore, Task> prepare)
    {
        var snapshot = new Snapshot();
        var time = new FakeTimeProvider();
        var tables = new InMemoryTableStore(time);
        var objects = new Recorder(new InMemoryObjectStore(time), snapshot);
        await prepare(new ContainerRegistry(tables, objects, options, time), objects);
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            await foreach (var row in tables.ListAsync(table, RowQuery.Prefix(null, ""), default)) snapshot._rows.Add((table, row));
        }

        return snapshot;
    }

    public void Load(World world)
    {
        foreach (var (table, row) in _rows)
        {
            world.Tables.WriteAsync(table, new RowWrite.Insert(row.Key, row.Properties), default).GetAwaiter().GetResult();
            world.Mirror.Load(table, row.Key);
        }

        foreach (var (name, write) in _writes)
        {
            write(world.Objects).GetAwaiter().GetResult();
            world.Mirror.Load(name);
        }
    }

    private sealed class Recorder(IObjectStore inner, Snapshot snapshot) : PassingObjectStore(inner)
    {
        public override Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            var copy = new ReadOnlySequence<byte>(content.ToArray());
            snapshot._writes.Add((name, objects => objects.PutAsync(name, copy, default)));
            return Inner.PutAsync(name, copy, cancellationToken);
        }

        public override Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            var copy = new ReadOnlySequence<byte>(content.ToArray());
            snapshot._writes.Add((name, objects => objects.StageBlockAsync(name, blockId, copy, default)));
            return Inner.StageBlockAsync(name, blockId, copy, cancellationToken);
        }

        public override Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken)
        {
            snapshot._writes.Add((name, objects => objects.CommitBlocksAsync(name, blockIds, default)));
            return Inner.CommitBlocksAsync(name, blockIds, cancellationToken);
        }

        public override Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken)
        {
            snapshot._writes.RemoveAll(w => w.Name == name);
            return Inner.DeleteAsync(name, etag, cancellationToken);
        }
    }
}
