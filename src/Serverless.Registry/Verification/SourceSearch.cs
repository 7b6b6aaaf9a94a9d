using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Looks among all objects for the content of blobs that have lost their bytes.
/// <code>
///   list all objects         those of the size of such a blob, so many at a time
///   read all ! and links     without those that a row names; but what a link to such a blob names in place of the blob's own location may be what the blob has lost
///   hash what is left
/// </code>
/// Only bytes are used of an object, and they are proved by their digest. So it does no harm when somebody comes to name it meanwhile, or deletes it. What is read is each object that
/// nobody names and that has the size of such a blob, once for each algorithm: of layers these are few, because few have the same size.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="lost">The blobs.</param>
/// <param name="bySize">Their digests by their sizes in bytes.</param>
internal sealed class SourceSearch(VerifyRun run, LostBlobs lost, ILookup<long, Digest> bySize)
{
    private readonly Dictionary<string, long> _objects = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var each in run.Context.Objects.ListAsync(TableKeys.ObjectPrefix, cancellationToken))
        {
            if (!bySize.Contains(each.Size)) continue;
            _objects[each.Name] = each.Size;
            if (_objects.Count >= Math.Max(1, run.Options.MostAtOnce / 4)) await TryAsync(cancellationToken);
        }

        await TryAsync(cancellationToken);
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        if (_objects.Count > 0) await DropNamedAsync(cancellationToken);
        foreach (var (name, size) in _objects)
        {
            await run.GuardAsync($"the object {name}", () => TryAsync(name, size, cancellationToken), objectName: name);
        }

        _objects.Clear();
    }

    private async Task DropNamedAsync(CancellationToken cancellationToken)
    {
        var rows = RowQuery.Prefix(null, "") with { Select = [BlobLinks.LocationProperty] };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.BlobsTable, rows, cancellationToken))
        {
            if (row.FindString(BlobLinks.LocationProperty) is not { } location || !_objects.ContainsKey(location)) continue;
            // What a blob's own row names is gone by the time its links come.
            if (row.Key.Row == TableKeys.BlobRow || !Digest.TryParse(row.Key.Partition, out var digest) || !lost.Contains(digest)) _objects.Remove(location);
        }
    }

    private async Task TryAsync(string name, long size, CancellationToken cancellationToken)
    {
        foreach (var algorithm in bySize[size].Where(lost.Contains).Select(d => d.Algorithm).Distinct().ToList())
        {
            if (await run.HashAsync(name, size, algorithm, cancellationToken) is not { } digest) return;
            if (lost.Contains(digest) && bySize[size].Contains(digest)) await lost.RestoreAsync(digest, name, cancellationToken);
        }
    }
}
