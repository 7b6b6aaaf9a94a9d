using System.Buffers;
using System.Text;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// Keeps everybody else from a target until it is complete. The row of the registry's identity says that the bytes are marked, and they are not: so whoever is started on it may read, and neither write nor collect.
/// <code>
///   no row, no marker          nothing else there either: the target is new
///   row, no marker             of a run before this one: gone on with
///   row and marker, or marker  complete: only --replace takes the marker away
///   another registry's id      refused
/// </code>
/// </summary>
internal sealed class TargetClaim(MoveRun run)
{
    private ITableStore Tables => run.Target.Tables;

    private IObjectStore Objects => run.Target.Objects;

    /// <summary>Refuses a target that is not this registry's to become.</summary>
    public async Task DemandAsync(string id, CancellationToken cancellationToken)
    {
        var there = await run.Target.Identity.ReadAsync(cancellationToken);
        if ((there.Tables ?? id) != id || (there.Container ?? id) != id) throw MoveRun.Refuse($"the target holds another registry, {(there.Tables ?? id) switch { var other when other != id => other, _ => there.Container }}; this one is {id}");
        if (there.Container is not null && !run.Options.Replace)
        {
            throw MoveRun.Refuse("the target holds this registry already, complete, and may have been written to since. With --replace it becomes what the source is now, and what was written there is lost");
        }

        if (there.Tables is null && there.Container is null && await FindAnythingAsync(cancellationToken) is { } anything)
        {
            throw MoveRun.Refuse($"the target holds something that is not of this registry: {anything}. Choose another one, or other names for tables and container");
        }
    }

    /// <summary>Makes the target this registry's, which is not complete.</summary>
    /// <param name="identity">The row of the source.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TakeAsync(TableRow identity, CancellationToken cancellationToken)
    {
        // Under whatever names they are reached: what is put there must not be here.
        if (await ShareTablesAsync(cancellationToken)) throw SameStorage();
        var properties = new Dictionary<string, object>(identity.Properties, StringComparer.Ordinal) { [RegistryIdentity.MarkedProperty] = true };
        await Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Identity, properties), cancellationToken);
        if (await ShareObjectsAsync(cancellationToken)) throw SameStorage();
        await Objects.DeleteAsync(TableKeys.MarkerObject, null, cancellationToken);
    }

    /// <summary>Lets whoever is started on the target write.</summary>
    public async Task CompleteAsync(string id, CancellationToken cancellationToken)
    {
        await Objects.PutAsync(TableKeys.MarkerObject, new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(id)), cancellationToken);
        if (await run.Target.Identity.ReadMarkerAsync(cancellationToken) != id) throw MoveRun.Interfered();
    }

    private async Task<string?> FindAnythingAsync(CancellationToken cancellationToken)
    {
        foreach (var table in new[] { TableKeys.RegistryTable, TableKeys.BlobsTable })
        {
            await foreach (var row in Tables.ListAsync(table, RowQuery.All with { PageSize = 1 }, cancellationToken)) return $"in the table {table} the row {row.Key.Partition}|{row.Key.Row}";
        }

        await foreach (var found in Objects.ListAsync(TableKeys.ObjectPrefix, cancellationToken)) return $"the object {found.Name}";
        return null;
    }

    private async Task<bool> ShareTablesAsync(CancellationToken cancellationToken)
    {
        var key = TableKeys.NewMoveProbe();
        await Tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(key), cancellationToken);
        var isShared = await run.Source.Tables.FindAsync(TableKeys.SystemTable, key, cancellationToken) is not null;
        await Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(key, "*"), cancellationToken);
        return isShared;
    }

    // One that is left behind is named by nobody, and goes with the last run.
    private async Task<bool> ShareObjectsAsync(CancellationToken cancellationToken)
    {
        var name = TableKeys.NewObjectName();
        await Objects.PutAsync(name, new ReadOnlySequence<byte>([0]), cancellationToken);
        var isShared = await run.Source.Objects.FindAsync(name, cancellationToken) is not null;
        await Objects.DeleteAsync(name, null, cancellationToken);
        return isShared;
    }

    private static RegistryException SameStorage() => MoveRun.Refuse("source and target are the same storage");
}
