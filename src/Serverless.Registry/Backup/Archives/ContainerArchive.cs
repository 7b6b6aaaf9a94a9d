using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup.Archives;

/// <summary>Backups in a container of a storage account: what is larger than a block is staged in blocks, and is there once they are committed.</summary>
/// <param name="objects">The container.</param>
public sealed class ContainerArchive(IObjectStore objects) : IBackupArchive
{
    private const int BlockSize = 8 * 1024 * 1024;

    // Storage takes 50,000 blocks: later ones are larger, so that the largest blob of the largest Uploads:BlockSize fits.
    private const int MostSmallBlocks = 1000;
    private const int LargeBlockSize = 64 * 1024 * 1024;

    /// <inheritdoc/>
    public async Task<long?> FindSizeAsync(string name, CancellationToken cancellationToken) => (await objects.FindAsync(name, cancellationToken))?.Size;

    /// <inheritdoc/>
    public async Task WriteAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        // No two tries have blocks of the same name.
        var attempt = RandomNumberGenerator.GetHexString(16, lowercase: true);
        List<string> blocks = [];
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            var size = BlockSize;
            while (await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken) is var length && (length > 0 || blocks.Count == 0))
            {
                var bytes = new ReadOnlySequence<byte>(buffer, 0, length);
                if (length < size && blocks.Count == 0)
                {
                    await objects.PutAsync(name, bytes, cancellationToken);
                    return;
                }

                blocks.Add(attempt + blocks.Count.ToString("d6", CultureInfo.InvariantCulture));
                await objects.StageBlockAsync(name, blocks[^1], bytes, cancellationToken);
                if (length < size) break;
                if (blocks.Count != MostSmallBlocks) continue;
                ArrayPool<byte>.Shared.Return(buffer);
                (size, buffer) = (LargeBlockSize, ArrayPool<byte>.Shared.Rent(LargeBlockSize));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // Another who wrote the same was first, and ours were dropped.
        if (await objects.CommitBlocksAsync(name, blocks, cancellationToken) == WriteOutcome.NotFound && await objects.FindAsync(name, cancellationToken) is null)
        {
            throw new StorageUnavailableException("Blocks that were staged a moment ago are not there.");
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => objects.OpenAsync(name, 0, null, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in objects.ListAsync(prefix, cancellationToken)) yield return item.Name;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => objects.DeleteAsync(name, null, cancellationToken);
}
