using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The tables of a world as one actor reaches them: every call waits for its turn.</summary>
internal sealed class GatedTableStore(Actor actor) : ITableStore
{
    private World World => actor.World;

    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        actor.EnterAsync($"find {Name(table, key)}", false, _ => World.Tables.FindAsync(table, key, default));

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        // What nobody writes is the same whenever it is read.
        if (World.Unwritten.Contains(query.From)) return World.Tables.QueryAsync(table, query, continuation, default);
        // What holds for all instances mostly does not change, so it does not matter when it is read; but it tells the time.
        if (query == TableKeys.SharedRows) actor.See($"the time of epoch {World.Epoch}");
        if (query == TableKeys.SharedRows && !World.SharedRowsChange) return World.Tables.QueryAsync(table, query, continuation, default);
        return actor.EnterAsync($"query {table} {query.Partition}|{query.From} {continuation}", false, _ => World.Tables.QueryAsync(table, query, continuation, default));
    }

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => actor.EnterAsync(
        $"{write.GetType().Name} {Name(table, write.Key)}",
        true,
        async label =>
        {
            Expect(write);
            var result = await World.Tables.WriteAsync(table, write, default);
            if (result.Done) Apply(table, write, label);
            return result;
        });

    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => actor.EnterAsync(
        string.Join(" + ", batch.Select(w => $"{w.GetType().Name} {Name(table, w.Key)}")),
        true,
        async label =>
        {
            foreach (var write in batch) Expect(write);
            var result = await World.Tables.WriteAsync(table, batch, default);
            if (!result.Done) return result;
            foreach (var write in batch) Apply(table, write, label);
            return result;
        });

    private void Apply(string table, RowWrite write, ulong label)
    {
        World.Mirror.Apply(table, write, label);
        // Queues and claims are nobody's content.
        if (write is RowWrite.Delete && table != TableKeys.SystemTable) actor.Promises.Deleted(actor);
    }

    private void Expect(RowWrite write)
    {
        if (World.Unwritten.Any(p => write.Key.Row.StartsWith(p, StringComparison.Ordinal))) throw new InvalidOperationException($"The scenario says that nobody writes {write.Key.Row}.");
    }

    private string Name(string table, RowKey key) => World.Mirror.NameOf(table, key, actor);
}
