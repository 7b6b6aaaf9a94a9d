using Serverless.Registry.Backup;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Backup;

/// <summary>A registry, an archive in memory, and another registry to restore to.</summary>
public abstract class BackupTest
{
    internal TestRegistry Source { get; private protected set; } = new(maxPageSize: 3);

    internal TestRegistry Target { get; } = new(maxPageSize: 3);

    internal InMemoryObjectStore ArchiveObjects { get; } = new(TimeProvider.System);

    internal List<BackupFinding> Findings { get; } = [];

    protected IBackupArchive Archive => new ContainerArchive(ArchiveObjects);

    internal Repository App => Source.Repository;

    internal async Task<(BackupInfo Backup, BackupProgress Progress)> BackUpAsync(bool anew = false, ContainerRegistry? registry = null)
    {
        Source.Time.Advance(TimeSpan.FromMinutes(1));
        var progress = new BackupProgress();
        return (await (registry ?? Source.Registry).Backups(Archive).RunAsync(anew, progress, Findings.Add, default), progress);
    }

    internal async Task<BackupProgress> RestoreAsync(TestRegistry? target = null, RestoreOptions? options = null)
    {
        var progress = new BackupProgress();
        Assert.NotNull(await (target ?? Target).Registry.Backups(Archive).RestoreAsync(options ?? new RestoreOptions(null, null, Accounts: true), progress, Findings.Add, default));
        return progress;
    }

    /// <summary>Fails when anything dangles, is not hashed to what it is said to be, or is not known to the collector.</summary>
    internal static async Task AssertWholeAsync(TestRegistry registry)
    {
        (await StoreAudit.ReadAsync((registry.Tables, registry.Objects))).AssertSound();
        List<VerifyFinding> findings = [];
        await registry.Registry.Verifier.RunAsync(new VerifyOptions { RehashDigests = true, DeleteOrphans = false }, findings.Add, default);
        Assert.Empty(findings);
    }

    /// <summary>What clients see of a registry.</summary>
    internal static async Task<IReadOnlyList<string>> SeenAsync(TestRegistry registry)
    {
        List<string> seen = [];
        await foreach (var name in registry.Registry.ListAsync(default))
        {
            var repository = registry.Registry.GetRepository(name);
            await foreach (var manifest in repository.Manifests.ListAsync(default))
            {
                seen.Add($"{name} manifest {manifest.Digest} {manifest.MediaType} {manifest.Size}");
                foreach (var referrer in (await repository.Referrers.ListPageAsync(manifest.Digest, null, 100, null, default)).Referrers) seen.Add($"{name} referrer {manifest.Digest} {referrer.Digest}");
            }

            await foreach (var tag in repository.Tags.ListAsync(default)) seen.Add($"{name} tag {tag} {(await repository.Tags.FindAsync(tag, default))!.Digest}");
            await foreach (var blob in repository.Blobs.ListAsync(default)) seen.Add($"{name} blob {blob.Digest} {blob.Size}");
        }

        return seen;
    }

    internal static async Task<DateTimeOffset> PushedAsync(TestRegistry registry, string repository, string tag)
    {
        var row = await registry.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Tag(RepositoryName.Parse(repository), Tag.Parse(tag)), default);
        return DateTimeOffset.Parse(row!.GetString("pushed"), System.Globalization.CultureInfo.InvariantCulture);
    }
}
