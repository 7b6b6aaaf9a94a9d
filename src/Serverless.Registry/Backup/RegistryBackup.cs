using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Backup.Restoring;
using Serverless.Registry.Backup.Taking;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup;

/// <summary>
/// Copies what a registry holds to an archive, and back, while people push. An archive keeps any number of backups, which share the content of blobs, so that the next one copies only what
/// is new. Each repository in a backup is whole, and as it was at a moment of its own: what a tag leads to is there.
/// </summary>
/// <remarks>
/// In a backup: manifests, tags and when they were pushed, the history of tags, blobs that manifests name, accounts and scope maps. Not in it: uploads that are under way and blobs
/// that no manifest names yet, whose clients begin anew; what was deleted; keys, secrets and refresh tokens, which are made anew, so that whoever gets hold of a backup cannot sign
/// anything; the collector's queues, for a restoration is a push.
/// </remarks>
public sealed class RegistryBackup
{
    /// <summary>The format of the files that this release writes, and the newest that it reads.</summary>
    private const int Format = 1;

    private readonly RegistryContext _context;
    private readonly IBackupArchive _archive;

    internal RegistryBackup(RegistryContext context, IBackupArchive archive) => (_context, _archive) = (context, archive);

    /// <summary>The backups that the archive holds, oldest first.</summary>
    /// <exception cref="InvalidDataException">A file in the archive makes no sense, or is of a newer release.</exception>
    public async Task<IReadOnlyList<BackupInfo>> ListAsync(CancellationToken cancellationToken)
    {
        SortedDictionary<string, long> names = new(StringComparer.Ordinal);
        await foreach (var file in _archive.ListAsync(ArchiveFiles.Backups, cancellationToken))
        {
            if (ArchiveFiles.BackupOf(file) is { } name) names[name] = names.GetValueOrDefault(name) + (ArchiveFiles.RepositoryOf(name, file) is null ? 0 : 1);
        }

        List<BackupInfo> backups = [];
        foreach (var (name, repositories) in names)
        {
            // Its first file is missing where it was about to begin, or to be deleted.
            if (await ReadAsync(ArchiveFiles.Begun(name), BackupJson.Default.BegunFile, cancellationToken) is not { } begun) continue;
            if (begun.Format > Format) throw new InvalidDataException($"The backup {name} has the format {begun.Format}, and this release knows {Format}: a newer one is needed");
            var complete = await ReadAsync(ArchiveFiles.Complete(name), BackupJson.Default.BackupInfo, cancellationToken);
            backups.Add(complete ?? new BackupInfo(name, begun.Registry, null, repositories));
        }

        return backups;
    }

    /// <summary>Takes a backup. One that was begun and is not complete is gone on with: what it has of a repository stays as it was.</summary>
    /// <param name="anew">Whether to begin a new one in any case.</param>
    /// <param name="progress">Counts what is done, for somebody who watches.</param>
    /// <param name="report">Told what the registry lacks itself, so that the backup lacks it too, and which repositories are not done; null: nobody.</param>
    /// <param name="cancellationToken">Stops it; the next run goes on.</param>
    /// <returns>The backup. It is complete unless some repositories could not be read.</returns>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is for newer releases; or the archive holds another registry's backups.</exception>
    public async Task<BackupInfo> RunAsync(bool anew, BackupProgress progress, Action<BackupFinding>? report, CancellationToken cancellationToken)
    {
        var shared = await _context.Shared.ReadAsync(cancellationToken);
        if (shared.Find(TableKeys.Format) is { } format) _context.Options.Format.Demand(format, collects: false);
        var registry = RegistryIdentity.Report(shared, null).Tables;
        var backups = await ListAsync(cancellationToken);
        if (backups.FirstOrDefault(b => b.Registry is not null && registry is not null && b.Registry != registry) is { } other)
        {
            throw new RegistryException(RegistryError.Unsupported, $"the archive holds backups of another registry, {other.Registry}; this one is {registry}. Each needs an archive of its own");
        }

        var name = backups is [.., { Ended: null } last] && !anew ? last.Name : await BeginAsync(backups, registry, cancellationToken);
        return await new BackupRun(_context, _archive, name, progress, report).RunAsync(registry, cancellationToken);
    }

    /// <summary>Deletes all backups but the newest, those that are not complete among them, and the blobs that no other backup names. Nobody may take a backup to the archive meanwhile.</summary>
    /// <param name="keep">How many complete backups stay, at least 1.</param>
    /// <param name="cancellationToken">Stops it; the next run goes on.</param>
    /// <returns>The names of the backups that are gone, and how many blobs.</returns>
    public Task<(IReadOnlyList<string> Backups, long Blobs)> PruneAsync(int keep, CancellationToken cancellationToken) =>
        new ArchivePrune(_archive, ListAsync).RunAsync(keep, cancellationToken);

    /// <summary>
    /// Puts back what a backup holds and the registry lacks, while people push. What is there stays: a tag that exists is not moved. It can be repeated, and does then what is left.
    /// </summary>
    /// <param name="options">What to restore.</param>
    /// <param name="progress">Counts what is done, for somebody who watches.</param>
    /// <param name="report">Told what could not be restored; null: nobody.</param>
    /// <param name="cancellationToken">Stops it; what is restored stays.</param>
    /// <returns>The backup that was restored; null when the archive holds none that is complete, or none of that name.</returns>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only, or not this one's to write to.</exception>
    public async Task<BackupInfo?> RestoreAsync(RestoreOptions options, BackupProgress progress, Action<BackupFinding>? report, CancellationToken cancellationToken)
    {
        var backups = await ListAsync(cancellationToken);
        var backup = options.Backup is { } name ? backups.FirstOrDefault(b => b.Name == name) : backups.LastOrDefault(b => b.Ended is not null);
        if (backup?.Registry is { } registry) await _context.Identity.ReclaimAsync(registry, cancellationToken);
        if (backup is not null) await new RestoreRun(_context, _archive, backup.Name, progress, report).RunAsync(options, cancellationToken);
        return backup;
    }

    private async Task<string> BeginAsync(IReadOnlyList<BackupInfo> backups, string? registry, CancellationToken cancellationToken)
    {
        var now = _context.TimeProvider.GetUtcNow();
        var name = ArchiveFiles.NameOf(now);
        // Backups are in the order of their names.
        if (backups.Count > 0 && string.CompareOrdinal(name, backups[^1].Name) <= 0)
        {
            throw new RegistryException(RegistryError.Unsupported, $"the archive holds a backup of {backups[^1].Name}, and by the clock of this machine it is {name}");
        }

        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new BegunFile(Format, now, registry), BackupJson.Default.BegunFile));
        await _archive.WriteAsync(ArchiveFiles.Begun(name), content, cancellationToken);
        return name;
    }

    private async Task<T?> ReadAsync<T>(string file, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (await _archive.OpenAsync(file, cancellationToken) is not { } stream) return null;
        await using (stream)
        {
            try
            {
                return await JsonSerializer.DeserializeAsync(stream, type, cancellationToken);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"The file {file} of the archive cannot be read: {e.Message}", e);
            }
        }
    }
}

/// <summary>What to restore.</summary>
/// <param name="Backup">The name of the backup; null: the newest that is complete.</param>
/// <param name="Repository">One repository; null: all.</param>
/// <param name="Accounts">Whether to restore accounts and scope maps that are not there. Those that were deleted since come back with them.</param>
public sealed record RestoreOptions(string? Backup, RepositoryName? Repository, bool Accounts);
