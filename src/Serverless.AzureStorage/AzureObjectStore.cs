using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.AzureStorage.Objects;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary><see cref="IObjectStore"/> on block blobs of one container. The container is made when it is first missed.</summary>
/// <param name="service">The account.</param>
/// <param name="containerName">The container.</param>
/// <param name="timeProvider">Ends signed URLs.</param>
public sealed class AzureObjectStore(BlobServiceClient service, string containerName, TimeProvider timeProvider) : IObjectStore
{
    private static readonly BlobRequestConditions s_onlyNew = new() { IfNoneMatch = ETag.All };

    private readonly BlobContainerClient _container = service.GetBlobContainerClient(containerName);
    private readonly ReadSigner _signer = new(service, timeProvider);

    /// <inheritdoc/>
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async () =>
            {
                using var stream = new SequenceStream(content);
                await Blocks(name).UploadAsync(stream, new BlobUploadOptions { Conditions = s_onlyNew }, cancellationToken);
                return WriteOutcome.Done;
            },
            static e => Exists(e) ? (true, WriteOutcome.Exists) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async () =>
            {
                using var stream = new SequenceStream(content);
                await Blocks(name).StageBlockAsync(Id(blockId), stream, cancellationToken: cancellationToken);
                return true;
            },
            static _ => default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async () =>
            {
                await Blocks(name).CommitBlockListAsync(blockIds.Select(Id), new CommitBlockListOptions { Conditions = s_onlyNew }, cancellationToken);
                return WriteOutcome.Done;
            },
            static e => Exists(e) ? (true, WriteOutcome.Exists) : e.ErrorCode == BlobErrorCode.InvalidBlockList ? (true, WriteOutcome.NotFound) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        WithContainerAsync<StoredObject?>(
            async () =>
            {
                var properties = (await Blocks(name).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
                return new StoredObject(name, properties.ContentLength, Quoted(properties.ETag), properties.LastModified);
            },
            static e => IsMissing(e) ? (true, null) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        WithContainerAsync<Stream?>(
            async () =>
            {
                // An empty blob has no range that could be asked for.
                var range = offset == 0 && length is null ? default : new HttpRange(offset, length);
                var download = await Blocks(name).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken);
                return new GuardedStream(download.Value.Content);
            },
            static e => IsMissing(e) ? (true, null) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async () =>
            {
                var conditions = etag is null ? null : new BlobRequestConditions { IfMatch = new ETag(etag) };
                await Blocks(name).DeleteAsync(conditions: conditions, cancellationToken: cancellationToken);
                return WriteOutcome.Done;
            },
            static e => IsMissing(e) ? (true, WriteOutcome.NotFound) : e.Status == 412 ? (true, WriteOutcome.ETagMismatch) : default,
            cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var after = continuation;
            var page = await WithContainerAsync(
                async () =>
                {
                    await foreach (var page in _container.GetBlobsAsync(prefix: prefix, cancellationToken: cancellationToken).AsPages(after)) return page;
                    return Page<BlobItem>.FromValues([], null, null!);
                },
                static _ => default,
                cancellationToken);
            foreach (var blob in page.Values)
            {
                var properties = blob.Properties;
                yield return new StoredObject(blob.Name, properties.ContentLength ?? 0, Quoted(properties.ETag), properties.LastModified ?? default);
            }

            continuation = string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken;
        }
        while (continuation is not null);
    }

    /// <inheritdoc/>
    public async ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) =>
        await StorageFailure.GuardAsync(async () => await _signer.SignAsync(_container.GetBlobClient(name), lifetime, cancellationToken));

    private Task<T> WithContainerAsync<T>(
        Func<Task<T>> call, Func<RequestFailedException, (bool Expected, T Result)> expected, CancellationToken cancellationToken) =>
        StorageFailure.GuardAsync(
            async () =>
            {
                try
                {
                    return await call();
                }
                catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
                {
                    await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                    return await call();
                }
            },
            expected);

    private BlockBlobClient Blocks(string name) => _container.GetBlockBlobClient(name);

    // Lists have ETags without quotes, heads with them; conditions want them.
    private static string Quoted(ETag? etag) => etag?.ToString("H") ?? "";

    private static string Id(string blockId) => Convert.ToBase64String(Encoding.ASCII.GetBytes(blockId));

    private static bool Exists(RequestFailedException e) =>
        e.ErrorCode == BlobErrorCode.BlobAlreadyExists || (e.Status == 412 && e.ErrorCode == BlobErrorCode.ConditionNotMet);

    // HEAD answers have no body, and so no error code.
    private static bool IsMissing(RequestFailedException e) => e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound;
}
