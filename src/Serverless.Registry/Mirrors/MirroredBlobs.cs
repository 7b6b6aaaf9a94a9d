using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Mirrors;

/// <summary>
/// The blobs of a mirror that are not here yet. Each is fetched once for all of an instance who want it, whoever of them stays; it is stored, as a push would be, only when its digest is
/// right.
/// </summary>
internal sealed class MirroredBlobs(RegistryContext context, MirrorRule rule, Func<RepositoryName, IMirrorSource> open, SourceState state, FetchSlots slots, IMirrorObserver observer)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(RepositoryName, Digest), BlobFetch> _running = [];

    /// <summary>Fetches a blob, or joins those who wait for it.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="blobs">Its blobs.</param>
    /// <param name="digest">The blob.</param>
    public BlobFetch Fetch(RepositoryName repository, BlobStore blobs, Digest digest)
    {
        lock (_lock)
        {
            if (_running.TryGetValue((repository, digest), out var running)) return running;
            var fetch = _running[(repository, digest)] = new BlobFetch(digest);
            _ = Task.Run(() => RunAsync(fetch, repository, blobs), CancellationToken.None);
            return fetch;
        }
    }

    /// <summary>The size in bytes of a blob at the source; null when it is not there, or the source does not say.</summary>
    /// <exception cref="ImageSourceException">The source does not answer as it should.</exception>
    public async Task<long?> FindSizeAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            state.Demand();
            return await open(rule.NameAtSource(repository)).FindBlobSizeAsync(digest, cancellationToken);
        }
        catch (ImageSourceException e)
        {
            state.Failed(e);
            observer.SourceFailed(rule.Name, repository, digest.ToString(), e);
            throw;
        }
    }

    private async Task RunAsync(BlobFetch fetch, RepositoryName repository, BlobStore blobs)
    {
        Exception? failure = null;
        Blob? blob = null;
        try
        {
            using var end = slots.NewEnd(context.Options.LongestRequest);
            blob = await FetchAsync(fetch, repository, blobs, end.Token);
            observer.Asked(rule.Name, blob is null ? MirrorOutcome.Absent : MirrorOutcome.Fetched);
        }
        catch (ImageSourceException e)
        {
            // One that answers is not left in peace because a connection broke off.
            if (!fetch.Begun.IsCompletedSuccessfully) state.Failed(e);
            observer.Asked(rule.Name, MirrorOutcome.Failed);
            observer.SourceFailed(rule.Name, repository, fetch.Digest.ToString(), e);
            failure = e;
        }
        catch (OperationCanceledException e)
        {
            failure = new ImageSourceException($"{fetch.Digest} took too long to fetch, or the registry is about to end.", e) { IsTransient = true };
        }
        catch (Exception e)
        {
            // Somebody waits for it, and tells of it.
            failure = e;
        }

        lock (_lock) _running.Remove((repository, fetch.Digest));
        if (failure is null) fetch.End(blob);
        else fetch.Fail(failure);
    }

    private async Task<Blob?> FetchAsync(BlobFetch fetch, RepositoryName repository, BlobStore blobs, CancellationToken cancellationToken)
    {
        state.Demand();
        using var slot = await slots.TakeAsync(cancellationToken);
        Blob? here = null;
        await using var claim = await FetchClaim.TakeAsync(
            context, repository, fetch.Digest, async () => (here = await blobs.FindAsync(fetch.Digest, cancellationToken)) is not null, cancellationToken);
        if (claim is null) return here;
        if (await open(rule.NameAtSource(repository)).OpenBlobAsync(fetch.Digest, cancellationToken) is not { } source) return null;
        await using (source.Content)
        {
            using var window = new FetchWindow(FetchSlots.WindowSize);
            fetch.Begin(window, source.Size);
            var body = PipeReader.Create(new FetchedStream(source.Content, window, bytes => observer.Fetched(rule.Name, bytes)), new StreamPipeReaderOptions(bufferSize: 128 * 1024));
            try
            {
                await blobs.PutAsync(body, fetch.Digest, cancellationToken);
            }
            catch (RegistryException e) when (e.Error == RegistryError.DigestInvalid)
            {
                throw new ImageSourceException($"The source of the mirror {rule.Name} sent other bytes than those of {fetch.Digest}.", e);
            }
            finally
            {
                await body.CompleteAsync();
            }

            var stored = await blobs.FindAsync(fetch.Digest, cancellationToken) ?? throw new StorageUnavailableException("A blob that was stored a moment ago is not there.");
            // While there is a window: a small blob is in it whole.
            fetch.End(stored);
            return stored;
        }
    }
}
