using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// Holds a registry's tables and its bytes together. A random id is in a row and in an object beside the bytes; as long as they differ nothing is written and nothing
/// deleted, because one registry's tables say nothing of another's bytes, and all of those would look like garbage.
/// <code>
///   no row                    insert row {id}      another was first: take its id
///   row, not yet marked       put the marker, if there is none; read it: the same id: row {id, marked}
///   row, marked               read the marker: the same id
///                             anything else: refused
/// </code>
/// So it costs a few calls once in the life of a process, and again for each run that deletes.
/// </summary>
public sealed class RegistryIdentity
{
    private const string IdProperty = "id";
    internal const string MarkedProperty = "marked";
    private const int MaxMarkerSize = 1024;

    private readonly ITableStore _tables;
    private readonly IObjectStore _objects;
    private readonly SharedRows _shared;
    private string? _proved;

    internal RegistryIdentity(ITableStore tables, IObjectStore objects, SharedRows shared) => (_tables, _objects, _shared) = (tables, objects, shared);

    /// <summary>What the tables and the container say of themselves; the tables a few seconds ago.</summary>
    public async Task<IdentityReport> ReadAsync(CancellationToken cancellationToken)
    {
        var (marker, rows) = (ReadMarkerAsync(cancellationToken), ReadRowsAsync(cancellationToken).AsTask());
        await Task.WhenAll(marker, rows);
        return Report(await rows, await marker);
    }

    /// <summary>
    /// Makes the bytes in the container this registry's, whatever the marker says: after they were moved to another container, or where the container has been another's and is
    /// this one's from now on.
    /// </summary>
    public async Task ClaimAsync(CancellationToken cancellationToken)
    {
        var row = await FindOrMakeAsync(await _shared.ReadAsync(cancellationToken), cancellationToken);
        await _objects.DeleteAsync(TableKeys.MarkerObject, null, cancellationToken);
        await MarkAsync(row.GetString(IdProperty), cancellationToken);
    }

    /// <summary>Gives tables that are new the id that the container beside them is marked with, if it is the one that they are known to have had.</summary>
    internal async Task ReclaimAsync(string id, CancellationToken cancellationToken)
    {
        var seen = await _shared.ReadAsync(cancellationToken);
        if (seen.Find(TableKeys.Identity) is null && await ReadMarkerAsync(cancellationToken) == id) await MakeAsync(id, cancellationToken);
    }

    internal ValueTask<SharedRows.Seen> ReadRowsAsync(CancellationToken cancellationToken) => _shared.GetAsync(cancellationToken);

    internal static IdentityReport Report(SharedRows.Seen seen, string? marker)
    {
        var row = seen.Find(TableKeys.Identity);
        return new IdentityReport(row?.FindString(IdProperty), row is not null && IsMarked(row), marker);
    }

    /// <summary>Whether tables and bytes belong together, or do from now on; free once it is known.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: they do not.</exception>
    internal async ValueTask DemandAsync(SharedRows.Seen seen, CancellationToken cancellationToken)
    {
        if (_proved is { } proved && seen.Find(TableKeys.Identity)?.FindString(IdProperty) == proved) return;
        await ProveAsync(seen, cancellationToken);
    }

    /// <summary>As <see cref="DemandAsync"/>, looked up anew.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: they do not.</exception>
    internal async Task ProveAsync(SharedRows.Seen seen, CancellationToken cancellationToken)
    {
        var row = seen.Find(TableKeys.Identity) ?? await FindOrMakeAsync(seen, cancellationToken);
        var id = row.GetString(IdProperty);
        if (IsMarked(row)) Compare(id, await ReadMarkerAsync(cancellationToken));
        else await MarkAsync(id, cancellationToken);
        _proved = id;
    }

    private async Task<TableRow> FindOrMakeAsync(SharedRows.Seen seen, CancellationToken cancellationToken)
    {
        if (seen.Find(TableKeys.Identity) is { } row) return row;
        await MakeAsync(RandomNumberGenerator.GetHexString(32, lowercase: true), cancellationToken);
        return (await _shared.ReadAsync(cancellationToken)).Find(TableKeys.Identity) ?? throw new InvalidDataException("The registry's identity vanished from the system table.");
    }

    // Whoever is first, the stored one counts; the read that comes next also settles an insert whose answer was lost.
    private async Task MakeAsync(string id, CancellationToken cancellationToken)
    {
        var made = new Dictionary<string, object> { [IdProperty] = id };
        RowWrite[] batch = [new RowWrite.Insert(TableKeys.Identity, made), new RowWrite.Insert(TableKeys.Format, RegistryFormat.Current.ToProperties())];
        await _tables.WriteAsync(TableKeys.SystemTable, batch, cancellationToken);
        _shared.Forget();
    }

    private async Task MarkAsync(string id, CancellationToken cancellationToken)
    {
        await _objects.PutAsync(TableKeys.MarkerObject, new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(id)), cancellationToken);
        Compare(id, await ReadMarkerAsync(cancellationToken));
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(TableKeys.Identity, new Dictionary<string, object> { [MarkedProperty] = true }, "*"), cancellationToken);
        _shared.Forget();
    }

    /// <returns>The id of the registry whose bytes are in the container; null when nobody has said so.</returns>
    internal async Task<string?> ReadMarkerAsync(CancellationToken cancellationToken)
    {
        if (await _objects.OpenAsync(TableKeys.MarkerObject, 0, null, cancellationToken) is not { } stream) return null;
        await using (stream)
        {
            var bytes = new byte[MaxMarkerSize];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return Encoding.ASCII.GetString(bytes, 0, length);
        }
    }

    private static bool IsMarked(TableRow row) => row.Properties.GetValueOrDefault(MarkedProperty) is true;

    private static void Compare(string id, string? marker)
    {
        if (marker == id) return;
        var reason = marker is null
            ? $"the container does not hold the bytes of the registry {id} that the tables are of: its object '{TableKeys.MarkerObject}' is missing"
            : $"the tables are of the registry {id}, and the container is of another, {marker}";
        throw new RegistryException(RegistryError.Unsupported, reason + ". Nothing is written or deleted until they are put together");
    }
}

/// <summary>What is stored of a registry's identity.</summary>
/// <param name="Tables">The id in the tables; null before the first write.</param>
/// <param name="IsMarked">Whether the container was marked with it.</param>
/// <param name="Container">What the marker in the container says; null when there is none.</param>
public sealed record IdentityReport(string? Tables, bool IsMarked, string? Container)
{
    /// <summary>Whether tables and container belong together, as far as is known.</summary>
    public bool Agrees => (!IsMarked && Container is null) || Tables == Container;
}
