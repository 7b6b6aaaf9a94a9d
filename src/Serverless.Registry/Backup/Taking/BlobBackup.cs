using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Backup.Taking;

/// <summary>Brings the blobs of one repository to the archive, which keeps each once.</summary>
internal sealed class BlobBackup(BackupRun run, RepositoryName repository, BackupSpool spool)
{
    private readonly BlobLinks _links = new(run.Context);

    /// <returns>Null when the archive has the blob; otherwise what is to be said of it.</returns>
    public async Task<string?> CopyAsync(Digest digest, CancellationToken cancellationToken)
    {
        var link = await run.Calls.RunAsync(() => _links.FindLinkAsync(repository, digest, cancellationToken), cancellationToken);
        if (link is null) return "neither a manifest nor a blob of the repository";
        var (size, location, file) = (_links.Read(digest, link).Descriptor.Size, BlobLinks.LocationOf(link), ArchiveFiles.Blob(digest));
        var kept = await run.Calls.RunAsync(() => run.Archive.FindSizeAsync(file, cancellationToken), cancellationToken);
        if (kept != size && await run.Copies.RunAsync(() => CopyBytesAsync(digest, location, kept is not null, cancellationToken), cancellationToken) is { } problem) return problem;
        await spool.AddAsync(new BackupLine.Blob(digest.ToString(), size, location), cancellationToken);
        run.Progress.AddBlob();
        return null;
    }

    private async Task<string?> CopyBytesAsync(Digest digest, string location, bool isDamaged, CancellationToken cancellationToken)
    {
        var file = ArchiveFiles.Blob(digest);
        if (await run.Context.Objects.OpenAsync(location, 0, null, cancellationToken) is not { } stream) return "the bytes of the blob are not in storage";
        await using (stream)
        await using (var content = new CheckedStream(stream, digest))
        {
            try
            {
                if (isDamaged) await run.Archive.DeleteAsync(file, cancellationToken);
                await run.Archive.WriteAsync(file, content, cancellationToken);
                run.Progress.AddCopy(content.Count);
                return null;
            }
            catch (DigestMismatchException e)
            {
                return $"the blob is damaged in storage: {e.Message}";
            }
        }
    }
}
