using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Backup;

/// <summary>
/// Deletes old backups from an archive. A backup goes first, its last file before the others, and then the blobs that none of those that stay names: so what stays is whole, wherever
/// this ends.
/// </summary>
internal sealed class ArchivePrune(IBackupArchive archive, Func<CancellationToken, Task<IReadOnlyList<BackupInfo>>> list)
{
    /// <exception cref="RegistryException">UNSUPPORTED: a backup was begun after the newest complete one.</exception>
    public async Task<(IReadOnlyList<string> Backups, long Blobs)> RunAsync(int keep, CancellationToken cancellationToken)
    {
        var backups = await list(cancellationToken);
        if (backups is [.., { Ended: null } open]) throw new RegistryException(RegistryError.Unsupported, $"the backup {open.Name} is not complete; it goes on with the next run");
        var kept = backups.Where(b => b.Ended is not null).TakeLast(Math.Max(keep, 1)).Select(b => b.Name).ToHashSet();
        List<string> gone = [.. backups.Select(b => b.Name).Where(n => !kept.Contains(n))];
        foreach (var name in gone) await DeleteAsync(name, cancellationToken);
        return (gone, await DeleteBlobsAsync(await ReadBlobsAsync(kept, cancellationToken), cancellationToken));
    }

    private async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await archive.DeleteAsync(ArchiveFiles.Complete(name), cancellationToken);
        List<string> files = [];
        await foreach (var file in archive.ListAsync(ArchiveFiles.All(name), cancellationToken)) files.Add(file);
        // That it was begun says that there is something to delete.
        foreach (var file in files.Where(f => f != ArchiveFiles.Begun(name))) await archive.DeleteAsync(file, cancellationToken);
        await archive.DeleteAsync(ArchiveFiles.Begun(name), cancellationToken);
    }

    private async Task<DigestSet> ReadBlobsAsync(IEnumerable<string> backups, CancellationToken cancellationToken)
    {
        var blobs = new DigestSet();
        foreach (var backup in backups)
        {
            await foreach (var file in archive.ListAsync(ArchiveFiles.Repositories(backup), cancellationToken))
            {
                await using var content = await archive.OpenAsync(file, cancellationToken) ?? throw new IOException($"The file {file} was deleted meanwhile.");
                await foreach (var line in BackupSpool.ReadAsync(content, cancellationToken))
                {
                    if (line is BackupLine.Blob blob) blobs.Add(Digest.Parse(blob.Digest));
                }
            }
        }

        return blobs;
    }

    private async Task<long> DeleteBlobsAsync(DigestSet kept, CancellationToken cancellationToken)
    {
        List<string> useless = [];
        await foreach (var file in archive.ListAsync(ArchiveFiles.Blobs, cancellationToken))
        {
            if (ArchiveFiles.BlobOf(file) is { } digest && !kept.Contains(digest)) useless.Add(file);
        }

        foreach (var file in useless) await archive.DeleteAsync(file, cancellationToken);
        return useless.Count;
    }
}
