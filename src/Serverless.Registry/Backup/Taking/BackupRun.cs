using System.Text.Json;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup.Taking;

/// <summary>Takes one backup, or goes on with one. Reads the registry and writes nothing there.</summary>
/// <param name="context">The registry.</param>
/// <param name="archive">Where to.</param>
/// <param name="name">The backup's name.</param>
/// <param name="progress">Counts.</param>
/// <param name="report">Told of what the registry lacks itself; null: nobody.</param>
internal sealed class BackupRun(RegistryContext context, IBackupArchive archive, string name, BackupProgress progress, Action<BackupFinding>? report)
{
    private const int RepositoriesAtOnce = 8;
    private const int CallsAtOnce = 32;
    private const int CopiesAtOnce = 4;

    // Storage, or the disk, that fails so many repositories in a row fails the others too.
    private const int MaxFailuresInARow = 5;

    private readonly Lock _reporting = new();
    private int _failures;

    public RegistryContext Context => context;

    public IBackupArchive Archive => archive;

    public BackupProgress Progress => progress;

    /// <summary>Calls to storage that look something up.</summary>
    public SharedLimit Calls { get; } = new(CallsAtOnce);

    /// <summary>Blobs on their way.</summary>
    public SharedLimit Copies { get; } = new(CopiesAtOnce);

    /// <returns>Whether the backup is complete.</returns>
    public async Task<bool> RunAsync(string? registry, CancellationToken cancellationToken)
    {
        await WriteAccountsAsync(cancellationToken);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = RepositoriesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(context.Catalog.ListAsync(null, cancellationToken), parallel, async (repository, end) => await GuardAsync(repository, end));
        if (progress.Failed > 0) return false;
        var info = new BackupInfo(name, registry, context.TimeProvider.GetUtcNow(), progress.Repositories);
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(info, BackupJson.Default.BackupInfo));
        await archive.WriteAsync(ArchiveFiles.Complete(name), content, cancellationToken);
        return true;
    }

    /// <summary>Something that the registry lacks.</summary>
    public void Report(RepositoryName? repository, string what, string note)
    {
        progress.AddFinding();
        Tell(new BackupFinding(repository, what, note));
    }

    private void Tell(BackupFinding finding)
    {
        lock (_reporting) report?.Invoke(finding);
    }

    private async Task GuardAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var file = ArchiveFiles.Repository(name, repository);
        try
        {
            // A run before this one has done it.
            if (await archive.FindSizeAsync(file, cancellationToken) is null) await new RepositoryBackup(this, repository, file).RunAsync(cancellationToken);
            Volatile.Write(ref _failures, 0);
            progress.AddRepository();
        }
        catch (Exception e) when (e is StorageUnavailableException or IOException)
        {
            if (Interlocked.Increment(ref _failures) >= MaxFailuresInARow) throw;
            progress.AddFailure();
            Tell(new BackupFinding(repository, repository.ToString(), $"not done, another run takes it up: {e.Message}"));
        }
    }

    private async Task WriteAccountsAsync(CancellationToken cancellationToken)
    {
        await using var spool = new BackupSpool();
        foreach (var partition in new[] { TableKeys.AccountPartition, TableKeys.ScopeMapPartition })
        {
            await foreach (var row in context.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(partition, ""), cancellationToken))
            {
                var properties = row.Properties.ToDictionary(p => p.Key, p => RowValue.Of(p.Value));
                await spool.AddAsync(new BackupLine.Account(partition, row.Key.Row, properties), cancellationToken);
            }
        }

        await archive.WriteAsync(ArchiveFiles.Accounts(name), spool.Rewind(), cancellationToken);
    }
}
