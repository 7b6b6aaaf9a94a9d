using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup;

/// <summary>What taking a backup and restoring one have in common: several repositories at a time, of which one that fails ends nobody else's turn.</summary>
/// <param name="context">The registry.</param>
/// <param name="archive">The archive.</param>
/// <param name="progress">Counts.</param>
/// <param name="report">Told of what could not be taken along; null: nobody.</param>
internal abstract class ArchiveRun(RegistryContext context, IBackupArchive archive, BackupProgress progress, Action<BackupFinding>? report)
{
    private const int CallsAtOnce = 32;
    private const int CopiesAtOnce = 4;

    // Storage, or the disk, that fails so many repositories in a row fails the others too.
    private const int MaxFailuresInARow = 5;

    private readonly Lock _reporting = new();
    private int _failures;

    public RegistryContext Context => context;

    public IBackupArchive Archive => archive;

    public BackupProgress Progress => progress;

    /// <summary>Calls to storage for rows, and looks at the archive.</summary>
    public SharedLimit Calls { get; } = new(CallsAtOnce);

    /// <summary>Blobs on their way.</summary>
    public SharedLimit Copies { get; } = new(CopiesAtOnce);

    /// <summary>Something that is not there, and will not be the next time either.</summary>
    public void Report(RepositoryName? repository, string what, string note)
    {
        progress.AddFinding();
        Tell(new BackupFinding(repository, what, note));
    }

    /// <summary>Does one repository, or says why it is not done.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="run">Does it; false: it does not count.</param>
    protected async Task GuardAsync(RepositoryName repository, Func<Task<bool>> run)
    {
        try
        {
            if (await run()) progress.AddRepository();
            Volatile.Write(ref _failures, 0);
        }
        catch (Exception e) when (e is StorageUnavailableException or IOException or InvalidDataException or FormatException)
        {
            if (e is StorageUnavailableException or IOException && Interlocked.Increment(ref _failures) >= MaxFailuresInARow) throw;
            progress.AddFailure();
            Tell(new BackupFinding(repository, repository.ToString(), $"not done, another run takes it up: {e.Message}"));
        }
    }

    private void Tell(BackupFinding finding)
    {
        lock (_reporting) report?.Invoke(finding);
    }
}
