using Serverless.Registry.Oci;

namespace Serverless.Registry.Backup.Taking;

/// <summary>
/// Copies one repository while others push to it, delete from it, and collect it.
/// <code>
///   tags, history, manifests        what a tag or an index names and the walk has passed is read by itself
///   links of all blobs              read one by one, after what names them
///   bytes, where the archive has none of the digest
///   the repository's file           last: what is in the archive is whole
/// </code>
/// What was there when it was named can be gone by the time it is looked for, together with what named it. Then everything is read again. Bytes of a link that was read a
/// moment ago are there for a grace at least, because whoever takes a link away makes the blob young. So no collector need be stopped.
/// </summary>
internal sealed class RepositoryBackup(BackupRun run, RepositoryName repository, string file)
{
    private const int MaxAttempts = 8;

    /// <exception cref="IOException">The repository was changed all the time.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await using var copy = new RepositoryCopy(run, repository);
            var missing = await copy.ReadAsync(cancellationToken);
            if (missing.Count > 0 && await copy.HasMovedOnAsync(missing, cancellationToken)) continue;
            await copy.WriteAsync(file, cancellationToken);
            foreach (var (what, note) in copy.Unreadable) run.Report(repository, what, note);
            foreach (var (digest, note) in missing) run.Report(repository, digest.ToString(), note);
            return;
        }

        throw new IOException($"{repository} was changed while it was read, {MaxAttempts} times.");
    }
}
