using System.Collections.Concurrent;
using System.IO.Pipelines;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup.Restoring;

/// <summary>
/// Restores blobs of one repository, the cheapest way first: link what another repository has; copy inside of storage what is still there under its old name, which may not be used
/// again, because a collector may be about to delete what is there; else send the bytes. A blob that has lost its bytes gets them back in any of these ways.
/// </summary>
internal sealed class BlobRestore(RestoreRun run, RepositoryName repository)
{
    private readonly ConcurrentDictionary<Digest, string> _lost = new();

    /// <summary>The blobs that could not be restored, and why.</summary>
    public IReadOnlyDictionary<Digest, string> Lost => _lost;

    public async Task RestoreAsync(BackupLine.Blob line, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(line.Digest);
        run.Progress.AddBlob();
        await run.Context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
        await run.Context.DemandWritableAsync(cancellationToken);
        var problem = await LinkAsync(digest, line, cancellationToken) ? null : await SendAsync(digest, line.Size, cancellationToken);
        if (problem is null) _lost.TryRemove(digest, out _);
        else _lost[digest] = problem;
    }

    /// <summary>The content of a small blob; null when the archive does not have it.</summary>
    public async Task<byte[]?> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (await run.Archive.OpenAsync(ArchiveFiles.Blob(digest), cancellationToken) is not { } stream) return null;
        await using (stream)
        {
            using var content = new MemoryStream();
            await stream.CopyToAsync(content, cancellationToken);
            return content.ToArray();
        }
    }

    private async Task<bool> LinkAsync(Digest digest, BackupLine.Blob line, CancellationToken cancellationToken)
    {
        var links = new BlobLinks(run.Context);
        if (await links.AdoptAsync(repository, digest, line.Size, cancellationToken)) return true;
        if (!line.Location.StartsWith(TableKeys.ObjectPrefix, StringComparison.Ordinal)) return false;
        if ((await run.Context.Objects.FindAsync(line.Location, cancellationToken))?.Size != line.Size) return false;
        var location = TableKeys.NewObjectName();
        if (await run.Context.Objects.CopyAsync(line.Location, line.Size, location, null, cancellationToken) != WriteOutcome.Done) return false;
        await links.CommitAsync(repository, digest, line.Size, location, CancellationToken.None);
        return true;
    }

    /// <returns>Why it cannot be restored; null: it is.</returns>
    private async Task<string?> SendAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        if (await run.Archive.OpenAsync(ArchiveFiles.Blob(digest), cancellationToken) is not { } stream) return "the archive does not hold the blob";
        var body = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 128 * 1024));
        try
        {
            await new WholeBlob(run.Context, repository, null).PutAsync(body, digest, digest.Algorithm, size, cancellationToken);
            run.Progress.AddCopy(size);
            return null;
        }
        catch (RegistryException e) when (e.Error == RegistryError.DigestInvalid || e.Error == RegistryError.SizeInvalid)
        {
            return "the archive holds other bytes than the blob's";
        }
        finally
        {
            await body.CompleteAsync();
        }
    }
}
