using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Backup.Restoring;

/// <summary>
/// Restores one repository in the order of a push: blobs, manifests after what they name, history, tags. So it is never less whole than while somebody pushes, a collector may run
/// beside it, and what is cut off can be repeated.
/// </summary>
internal sealed class RepositoryRestore(RestoreRun run, RepositoryName repository, string file)
{
    private static readonly ChangeOrigin s_origin = ChangeOrigin.Of("restore");

    private readonly BlobRestore _blobs = new(run, repository);
    private readonly DigestSet _done = new();
    private readonly Dictionary<Digest, string> _refused = [];
    private readonly Lock _lock = new();

    /// <returns>False when the repository is not in the backup.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (await run.Archive.FindSizeAsync(file, cancellationToken) is null) return false;
        int before;
        do
        {
            before = _done.Count;
            await EachAsync<BackupLine.Blob>(run.Copies, _blobs.RestoreAsync, cancellationToken);
            await RestoreManifestsAsync(cancellationToken);
        }
        // Of a repository whose blobs take longer than a grace the first may have been collected again by then.
        while (_refused.Count > 0 && _done.Count > before);
        await RestoreHistoryAsync(cancellationToken);
        await EachAsync<BackupLine.Tag>(run.Calls, RestoreTagAsync, cancellationToken);
        foreach (var (what, note) in _blobs.Lost) run.Report(repository, what.ToString(), note);
        foreach (var (what, note) in _refused) run.Report(repository, what.ToString(), note);
        return true;
    }

    // What names manifests that come later in the file has its turn in a later round.
    private async Task RestoreManifestsAsync(CancellationToken cancellationToken)
    {
        int before;
        do
        {
            before = _done.Count;
            _refused.Clear();
            await EachAsync<BackupLine.Manifest>(run.Calls, RestoreManifestAsync, cancellationToken);
        }
        while (_refused.Count > 0 && _done.Count > before);
    }

    private async Task RestoreManifestAsync(BackupLine.Manifest line, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(line.Digest);
        lock (_lock)
        {
            if (_done.Contains(digest)) return;
        }

        var problem = await PutAsync(line, digest, cancellationToken);
        lock (_lock)
        {
            if (problem is not null) _refused[digest] = problem;
            else if (_done.Add(digest)) run.Progress.AddContent(1, 0);
        }
    }

    /// <returns>Why it cannot be put, or not yet; null: it is there.</returns>
    private async Task<string?> PutAsync(BackupLine.Manifest line, Digest digest, CancellationToken cancellationToken)
    {
        var store = new ManifestStore(run.Context, repository, s_origin);
        if (await store.FindAsync(new Reference(digest), cancellationToken) is not null) return null;
        if ((line.Payload ?? await _blobs.ReadAsync(digest, cancellationToken)) is not { } payload) return "its content is not in the backup";
        try
        {
            var manifest = run.Context.Options.ManifestTypes.Parse(line.MediaType, payload, digest.Algorithm);
            if (manifest.Digest != digest) return $"the content in the backup has the digest {manifest.Digest}";
            await store.PutAsync(manifest, [], cancellationToken);
            return null;
        }
        catch (RegistryException e) when (e.Error != RegistryError.Unsupported)
        {
            return e.Message;
        }
    }

    private async Task RestoreTagAsync(BackupLine.Tag line, CancellationToken cancellationToken)
    {
        var (tag, digest) = (Tag.Parse(line.Name), Digest.Parse(line.Digest));
        var tags = new TagStore(run.Context, run.Pulls, repository, s_origin);
        try
        {
            if (await tags.FindAsync(tag, cancellationToken) is null) await tags.RestoreAsync(tag, digest, line.Pushed, cancellationToken);
            run.Progress.AddContent(0, 1);
        }
        catch (RegistryException e) when (e.Error == RegistryError.ManifestUnknown)
        {
            run.Report(repository, tag.ToString(), $"the tag's manifest {digest} is not there");
        }
    }

    private async Task RestoreHistoryAsync(CancellationToken cancellationToken)
    {
        // The keys are those of the moves themselves: what is there already is written once more.
        await foreach (var moves in LinesAsync<BackupLine.Move>(cancellationToken).Chunk(TableLimits.BatchCount))
        {
            await run.Context.DemandWritableAsync(cancellationToken);
            var batch = moves.Select(m => new RowWrite.Upsert(TableKeys.History(repository, m.Key), ManifestRow.OfMove(m.Target, m.Actor)));
            await run.Context.Tables.WriteAsync(TableKeys.RegistryTable, [.. batch], cancellationToken);
        }
    }

    private Task EachAsync<T>(SharedLimit limit, Func<T, CancellationToken, Task> restore, CancellationToken cancellationToken)
        where T : BackupLine => Parallel.ForEachAsync(
            LinesAsync<T>(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (line, end) => await limit.RunAsync(
                async () =>
                {
                    await restore(line, end);
                    return true;
                },
                end));

    private async IAsyncEnumerable<T> LinesAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken)
        where T : BackupLine
    {
        await using var content = await run.Archive.OpenAsync(file, cancellationToken) ?? throw new InvalidDataException($"The file {file} was deleted meanwhile.");
        await foreach (var line in BackupSpool.ReadAsync(content, cancellationToken).OfType<T>()) yield return line;
    }
}
