using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>The objects that were there when the run began, less those that a row has been found to name: in the end those that nobody names.</summary>
internal sealed class ObjectInventory(VerifyRun run)
{
    private readonly Dictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await foreach (var found in run.Context.Objects.ListAsync(TableKeys.ObjectPrefix, cancellationToken)) _objects[found.Name] = found;
        run.Summary.Objects = _objects.Count;
    }

    /// <summary>A row names the object.</summary>
    /// <returns>The object; null when it was not there when the run began, or was named before.</returns>
    public StoredObject? Take(string name) => _objects.Remove(name, out var found) ? found : null;

    /// <summary>Tells of the old objects that are left, when all rows have been read, and deletes them if that is wanted and safe.</summary>
    public async Task ReportOrphansAsync(CancellationToken cancellationToken)
    {
        // A registry without a single blob beside old bytes is rather one whose tables were mixed up, and everything would go.
        var safe = run.KnowsAll && run.Summary.Blobs > 0;
        foreach (var orphan in _objects.Values.Where(o => o.LastModified < run.BytesCutoff).OrderBy(o => o.Name, StringComparer.Ordinal))
        {
            // The collector deletes the row before the bytes, and may just have done so.
            if ((await run.Context.Objects.FindAsync(orphan.Name, cancellationToken))?.ETag != orphan.ETag) continue;
            var gone = safe && await run.MayRepairAsync(cancellationToken)
                && await run.Context.Objects.DeleteAsync(orphan.Name, orphan.ETag, cancellationToken) is WriteOutcome.Done or WriteOutcome.NotFound;
            var note = $"{orphan.Size} bytes of {orphan.LastModified.UtcDateTime:u} that nobody names" + (safe ? "" : "; not all that is in use is known, so they stay");
            run.Report(VerifyKind.OrphanBytes, note, objectName: orphan.Name, repaired: gone);
        }
    }
}
