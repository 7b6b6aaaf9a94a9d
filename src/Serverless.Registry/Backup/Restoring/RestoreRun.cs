using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Backup.Restoring;

/// <summary>Restores a backup.</summary>
/// <param name="context">The registry.</param>
/// <param name="archive">Where from.</param>
/// <param name="backup">The backup's name.</param>
/// <param name="progress">Counts.</param>
/// <param name="report">Told what could not be restored; null: nobody.</param>
internal sealed class RestoreRun(RegistryContext context, IBackupArchive archive, string backup, BackupProgress progress, Action<BackupFinding>? report)
{
    private const int RepositoriesAtOnce = 4;
    private const int CallsAtOnce = 32;
    private const int CopiesAtOnce = 4;
    private const int MaxFailuresInARow = 5;

    private readonly Lock _reporting = new();
    private int _failures;

    public RegistryContext Context => context;

    public IBackupArchive Archive => archive;

    public BackupProgress Progress => progress;

    /// <summary>When tags that are restored were last pulled: now, as far as anybody knows.</summary>
    public PullNotes Pulls { get; } = new(context.Tables, context.TimeProvider);

    /// <summary>Manifests and tags on their way.</summary>
    public SharedLimit Calls { get; } = new(CallsAtOnce);

    /// <summary>Blobs on their way.</summary>
    public SharedLimit Copies { get; } = new(CopiesAtOnce);

    public async Task RunAsync(RestoreOptions options, CancellationToken cancellationToken)
    {
        await context.DemandWritableAsync(cancellationToken);
        if (options.Accounts) await RestoreAccountsAsync(cancellationToken);
        if (options.Repository is { } one)
        {
            await GuardAsync(one, ArchiveFiles.Repository(backup, one), cancellationToken);
            return;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = RepositoriesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(archive.ListAsync(ArchiveFiles.Repositories(backup), cancellationToken), parallel, async (file, end) =>
        {
            if (ArchiveFiles.RepositoryOf(backup, file) is { } repository) await GuardAsync(repository, file, end);
        });
    }

    /// <summary>Something that could not be restored.</summary>
    public void Report(RepositoryName? repository, string what, string note)
    {
        progress.AddFinding();
        Tell(new BackupFinding(repository, what, note));
    }

    private void Tell(BackupFinding finding)
    {
        lock (_reporting) report?.Invoke(finding);
    }

    private async Task GuardAsync(RepositoryName repository, string file, CancellationToken cancellationToken)
    {
        if (!context.Options.Scope.Contains(repository))
        {
            Report(repository, repository.ToString(), "the registry's settings (Scope) leave it out");
            return;
        }

        try
        {
            if (await new RepositoryRestore(this, repository, file).RunAsync(cancellationToken)) progress.AddRepository();
            else Report(repository, repository.ToString(), "not in the backup");
            Volatile.Write(ref _failures, 0);
        }
        catch (Exception e) when (e is StorageUnavailableException or IOException or InvalidDataException or FormatException)
        {
            if (e is StorageUnavailableException or IOException && Interlocked.Increment(ref _failures) >= MaxFailuresInARow) throw;
            progress.AddFailure();
            Tell(new BackupFinding(repository, repository.ToString(), $"not done: {e.Message}"));
        }
    }

    private async Task RestoreAccountsAsync(CancellationToken cancellationToken)
    {
        await using var file = await archive.OpenAsync(ArchiveFiles.Accounts(backup), cancellationToken) ?? throw new InvalidDataException($"The backup {backup} holds no accounts.");
        await foreach (var line in BackupSpool.ReadAsync(file, cancellationToken))
        {
            // Anything else would be a way to write any row of the system table.
            if (line is not BackupLine.Account account || account.Partition is not (TableKeys.AccountPartition or TableKeys.ScopeMapPartition)) continue;
            var properties = account.Properties.ToDictionary(p => p.Key, p => p.Value.ToObject());
            await context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(new RowKey(account.Partition, account.Row), properties), cancellationToken);
        }
    }
}
