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
    : ArchiveRun(context, archive, progress, report)
{
    private const int RepositoriesAtOnce = 4;

    /// <summary>When tags that are restored were last pulled: now, as far as anybody knows.</summary>
    public PullNotes Pulls { get; } = new(context.Tables, context.TimeProvider);

    public async Task RunAsync(RestoreOptions options, CancellationToken cancellationToken)
    {
        await Context.DemandWritableAsync(cancellationToken);
        if (options.Accounts) await RestoreAccountsAsync(cancellationToken);
        if (options.Repository is { } one)
        {
            await GuardAsync(one, () => RestoreAsync(one, ArchiveFiles.Repository(backup, one), cancellationToken));
            return;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = RepositoriesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Archive.ListAsync(ArchiveFiles.Repositories(backup), cancellationToken), parallel, async (file, end) =>
        {
            if (ArchiveFiles.RepositoryOf(backup, file) is { } repository) await GuardAsync(repository, () => RestoreAsync(repository, file, end));
        });
    }

    private async Task<bool> RestoreAsync(RepositoryName repository, string file, CancellationToken cancellationToken)
    {
        var problem = !Context.Options.Scope.Contains(repository) ? "the registry's settings (Scope) leave it out"
            : !await new RepositoryRestore(this, repository, file).RunAsync(cancellationToken) ? "not in the backup"
            : null;
        if (problem is not null) Report(repository, repository.ToString(), problem);
        return problem is null;
    }

    private async Task RestoreAccountsAsync(CancellationToken cancellationToken)
    {
        await using var file = await Archive.OpenAsync(ArchiveFiles.Accounts(backup), cancellationToken) ?? throw new InvalidDataException($"The backup {backup} holds no accounts.");
        await foreach (var line in BackupSpool.ReadAsync(file, cancellationToken))
        {
            // Anything else would be a way to write any row of the system table.
            if (line is not BackupLine.Account account) continue;
            var key = new RowKey(account.Partition, account.Row);
            if (key.Partition is not (TableKeys.AccountPartition or TableKeys.ScopeMapPartition) && !TableKeys.IsQuota(key)) continue;
            var properties = account.Properties.ToDictionary(p => p.Key, p => p.Value.ToObject());
            await Context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(key, properties), cancellationToken);
        }
    }
}
