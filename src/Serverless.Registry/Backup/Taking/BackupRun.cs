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
    : ArchiveRun(context, archive, progress, report)
{
    private const int RepositoriesAtOnce = 8;

    /// <summary>Goes through the catalog.</summary>
    /// <returns>The backup, complete unless a repository is not done.</returns>
    public async Task<BackupInfo> RunAsync(string? registry, CancellationToken cancellationToken)
    {
        await WriteAccountsAsync(cancellationToken);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = RepositoriesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Context.Catalog.ListAsync(null, cancellationToken), parallel, async (repository, end) => await GuardAsync(repository, () => TakeAsync(repository, end)));
        var info = new BackupInfo(name, registry, null, Progress.Repositories);
        if (Progress.Failed > 0) return info;
        info = info with { Ended = Context.TimeProvider.GetUtcNow() };
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(info, BackupJson.Default.BackupInfo));
        await Archive.WriteAsync(ArchiveFiles.Complete(name), content, cancellationToken);
        return info;
    }

    private async Task<bool> TakeAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var file = ArchiveFiles.Repository(name, repository);
        // A run before this one may have done it.
        if (await Archive.FindSizeAsync(file, cancellationToken) is null) await new RepositoryBackup(this, repository, file).RunAsync(cancellationToken);
        return true;
    }

    private async Task WriteAccountsAsync(CancellationToken cancellationToken)
    {
        await using var spool = new BackupSpool();
        foreach (var rows in new[] { RowQuery.Prefix(TableKeys.AccountPartition, ""), RowQuery.Prefix(TableKeys.ScopeMapPartition, ""), TableKeys.Quotas })
        {
            await foreach (var row in Context.Tables.ListAsync(TableKeys.SystemTable, rows, cancellationToken))
            {
                var properties = row.Properties.ToDictionary(p => p.Key, p => RowValue.Of(p.Value));
                await spool.AddAsync(new BackupLine.Account(row.Key.Partition, row.Key.Row, properties), cancellationToken);
            }
        }

        await Archive.WriteAsync(ArchiveFiles.Accounts(name), spool.Rewind(), cancellationToken);
    }
}
