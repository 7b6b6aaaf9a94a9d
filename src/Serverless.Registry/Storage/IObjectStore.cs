using System.Buffers;

namespace Serverless.Registry.Storage;

/// <summary>
/// The port to the bytes: objects that are written once, under names that are never used twice. An object is put whole, or staged as blocks and
/// committed; until then it does not exist. Implementations make their container when it is first missed.
/// </summary>
/// <remarks>All methods throw <see cref="StorageUnavailableException"/> when storage does not answer or asks for a pause.</remarks>
public interface IObjectStore
{
    /// <summary>Writes an object whole.</summary>
    /// <returns><see cref="WriteOutcome.Done"/>, or <see cref="WriteOutcome.Exists"/> and the old bytes stay.</returns>
    Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Stages a block; one with the same id is replaced. Blocks that are never committed are no object, and nothing finds or lists them. Azure keeps them, and has them paid for, until
    /// a week has passed since the last block of that object came.
    /// </summary>
    /// <param name="name">The object.</param>
    /// <param name="blockId">At most 48 characters, all ids of an object of the same length.</param>
    /// <param name="content">At most 4,000 MiB, not empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken);

    /// <summary>Makes the object of staged blocks, at most 50,000, in this order.</summary>
    /// <returns>
    /// <see cref="WriteOutcome.Done"/>; <see cref="WriteOutcome.Exists"/> when the object is there and stays as it is;
    /// <see cref="WriteOutcome.NotFound"/> when a block is not there.
    /// </returns>
    Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken);

    /// <summary>Puts the bytes of an object under another name, inside of storage.</summary>
    /// <param name="source">The object whose bytes they are.</param>
    /// <param name="size">Its size in bytes, which tells how long this may take.</param>
    /// <param name="target">Where the bytes are put.</param>
    /// <param name="etag">The version of the target that they replace; null: there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// <see cref="WriteOutcome.Done"/>; <see cref="WriteOutcome.Exists"/> or <see cref="WriteOutcome.ETagMismatch"/> when the target is another than was said, and stays as it
    /// is; <see cref="WriteOutcome.NotFound"/> when there is no source.
    /// </returns>
    Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken);

    /// <summary>Looks an object up; null when it does not exist.</summary>
    Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Opens an object, or a part of it, for reading; null when it does not exist.</summary>
    /// <param name="name">The object.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">Bytes to read; null reads to the end. The part must lie inside the object.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken);

    /// <summary>Deletes an object. Blocks that were staged for it and not committed may stay: on Azure, where there is no object, this finds nothing and drops nothing.</summary>
    /// <param name="name">The object.</param>
    /// <param name="etag">The version to delete; null deletes any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken);

    /// <summary>Lists objects by name.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>A URL that lets its holder read this object and do nothing else, for a while. No storage operation.</summary>
    /// <returns>The URL; null when this store has no address that a client could reach.</returns>
    ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken);
}

/// <summary>What is known of a stored object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="ETag">Its version; compare for equality only.</param>
/// <param name="LastModified">The storage service's time of the last write, in UTC.</param>
public sealed record StoredObject(string Name, long Size, string ETag, DateTimeOffset LastModified);
