using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.AzureStorage.Objects;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary><see cref="IObjectStore"/> on block blobs of one container. The container is made when it is first missed.</summary>
/// <param name="service">The account, with the policies of <see cref="AzureStores"/>.</param>
/// <param name="containerName">The container.</param>
/// <param name="timeProvider">Ends signed URLs.</param>
public sealed class AzureObjectStore(BlobServiceClient service, string containerName, TimeProvider timeProvider) : IObjectStore
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_copyLifetime = TimeSpan.FromHours(1);
    private static readonly BlobRequestConditions s_onlyNew = new() { IfNoneMatch = ETag.All };

    private readonly BlobContainerClient _container = service.GetBlobContainerClient(containerName);

    internal ReadSigner Signer { get; init; } = new(service, new StorageTime(timeProvider), new BlobClientOptions());

    internal CallLimits Limits { get; init; } = CallLimits.Default;

    /// <summary>Begins the stored names of what holds bytes, where registries may share a container: none sees those of another, and deletes them as bytes that nobody names.</summary>
    internal string NamePrefix { get; init; } = "";

    /// <inheritdoc/>
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async end =>
            {
                using var stream = new SequenceStream(content);
                using var checksum = BodyChecksumPolicy.Of(content);
                // The client would send what is not below this size as blocks.
                var whole = new StorageTransferOptions { InitialTransferSize = content.Length + 1 };
                await Blocks(name).UploadAsync(stream, new BlobUploadOptions { Conditions = s_onlyNew, TransferOptions = whole }, end);
                return WriteOutcome.Done;
            },
            static e => Exists(e) ? (true, WriteOutcome.Exists) : default,
            cancellationToken,
            content.Length);

    /// <inheritdoc/>
    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async end =>
            {
                using var stream = new SequenceStream(content);
                using var checksum = BodyChecksumPolicy.Of(content);
                await Blocks(name).StageBlockAsync(Id(blockId), stream, cancellationToken: end);
                return true;
            },
            static _ => default,
            cancellationToken,
            content.Length);

    /// <inheritdoc/>
    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async end =>
            {
                await Blocks(name).CommitBlockListAsync(blockIds.Select(Id), new CommitBlockListOptions { Conditions = s_onlyNew }, end);
                return WriteOutcome.Done;
            },
            static e => Exists(e) ? (true, WriteOutcome.Exists) : e.ErrorCode == BlobErrorCode.InvalidBlockList ? (true, WriteOutcome.NotFound) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async end =>
            {
                var conditions = etag is null ? s_onlyNew : new BlobRequestConditions { IfMatch = new ETag(etag) };
                // Signed, because the rights of whoever asks for a copy hold for its target alone.
                var from = await Signer.SignAsync(_container, Stored(source), s_copyLifetime, Limits, end);
                await Blocks(target).StartCopyFromUriAsync(from, new BlobCopyFromUriOptions { DestinationConditions = conditions }, end);
                return await FinishCopyAsync(target, end);
            },
            e => CopyOutcome(e, replaces: etag is not null) is { } outcome ? (true, outcome) : default,
            cancellationToken,
            size);

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        WithContainerAsync<StoredObject?>(
            async end =>
            {
                var properties = (await Blocks(name).GetPropertiesAsync(cancellationToken: end)).Value;
                // What is still being copied has all of its length already and none of its bytes, and a copy that failed never gets them.
                var size = properties.BlobCopyStatus is null or CopyStatus.Success ? properties.ContentLength : 0;
                return new StoredObject(name, size, Quoted(properties.ETag), properties.LastModified);
            },
            static e => IsMissing(e) ? (true, null) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        WithContainerAsync<Stream?>(
            async _ =>
            {
                // An empty blob has no range that could be asked for.
                var range = offset == 0 && length is null ? default : new HttpRange(offset, length);
                // The client keeps the token: where a download breaks off, it asks for the rest.
                var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                try
                {
                    end.CancelAfter(Limits.Call);
                    var download = await Blocks(name).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, end.Token);
                    return new GuardedStream(download.Value.Content, end, Limits.Call);
                }
                catch
                {
                    end.Dispose();
                    throw;
                }
            },
            static e => IsMissing(e) ? (true, null) : default,
            cancellationToken);

    /// <inheritdoc/>
    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) =>
        WithContainerAsync(
            async end =>
            {
                var conditions = etag is null ? null : new BlobRequestConditions { IfMatch = new ETag(etag) };
                await Blocks(name).DeleteAsync(conditions: conditions, cancellationToken: end);
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
                async end =>
                {
                    await foreach (var page in _container.GetBlobsAsync(new GetBlobsOptions { Prefix = Stored(prefix) }, end).AsPages(after)) return page;
                    return Page<BlobItem>.FromValues([], null, null!);
                },
                static _ => default,
                cancellationToken);
            foreach (var blob in page.Values)
            {
                var properties = blob.Properties;
                yield return new StoredObject(Name(blob.Name), properties.ContentLength ?? 0, Quoted(properties.ETag), properties.LastModified ?? default);
            }

            continuation = string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken;
        }
        while (continuation is not null);
    }

    /// <inheritdoc/>
    public async ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) =>
        await StorageFailure.GuardAsync(async end => await Signer.SignAsync(_container, Stored(name), lifetime, Limits, end), Limits.Call, cancellationToken);

    // Inside of an account a copy is nearly always done when the answer comes.
    private async Task<WriteOutcome> FinishCopyAsync(string target, CancellationToken cancellationToken)
    {
        while (true)
        {
            var copy = (await Blocks(target).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (copy.BlobCopyStatus is null or CopyStatus.Success) return WriteOutcome.Done;
            if (copy.BlobCopyStatus != CopyStatus.Pending) throw new IOException($"The copy ended as {copy.BlobCopyStatus}: {copy.CopyStatusDescription}");
            await Task.Delay(s_betweenLooks, cancellationToken);
        }
    }

    private static WriteOutcome? CopyOutcome(RequestFailedException e, bool replaces) => e switch
    {
        { Status: 412 } when replaces => WriteOutcome.ETagMismatch,
        _ when Exists(e) || e.ErrorCode == BlobErrorCode.PendingCopyOperation => WriteOutcome.Exists,
        { Status: 404 } when e.ErrorCode != BlobErrorCode.ContainerNotFound => WriteOutcome.NotFound,
        _ => null,
    };

    private Task<T> WithContainerAsync<T>(
        Func<CancellationToken, Task<T>> call, Func<RequestFailedException, (bool Expected, T Result)> expected, CancellationToken cancellationToken, long length = 0) =>
        StorageFailure.GuardAsync(
            async end =>
            {
                try
                {
                    return await call(end);
                }
                catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
                {
                    await _container.CreateIfNotExistsAsync(cancellationToken: end);
                    return await call(end);
                }
            },
            expected,
            Limits.OfCall(length),
            cancellationToken);

    private BlockBlobClient Blocks(string name) => _container.GetBlockBlobClient(Stored(name));

    // Other objects, such as a file of passwords, are the operator's and have the names that the operator gives them.
    private string Stored(string name) => name.StartsWith(TableKeys.ObjectPrefix, StringComparison.Ordinal) || name == TableKeys.MarkerObject ? NamePrefix + name : name;

    private string Name(string stored) => stored.StartsWith(NamePrefix + TableKeys.ObjectPrefix, StringComparison.Ordinal) ? stored[NamePrefix.Length..] : stored;

    // Lists have ETags without quotes, heads with them; conditions want them.
    private static string Quoted(ETag? etag) => etag?.ToString("H") ?? "";

    private static string Id(string blockId) => Convert.ToBase64String(Encoding.ASCII.GetBytes(blockId));

    private static bool Exists(RequestFailedException e) =>
        e.ErrorCode == BlobErrorCode.BlobAlreadyExists || (e.Status == 412 && e.ErrorCode == BlobErrorCode.ConditionNotMet);

    // HEAD answers have no body, and so no error code.
    private static bool IsMissing(RequestFailedException e) => e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound;
}
