using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// Takes bytes as they come, hashes them and stages them as blocks of one object. While a block travels to storage the next one is filled, with a few
/// in flight at most: memory does not depend on how much comes.
/// <code>
/// body -> [hash] -> block being filled -> block in flight -> storage
///                                         block in flight ->
/// </code>
/// </summary>
/// <param name="objects">Where the blocks go.</param>
/// <param name="location">The object they will be.</param>
/// <param name="prefix">Starts every block id. Each request has its own, so blocks of two requests never mix.</param>
/// <param name="hash">Sees every byte, in order.</param>
/// <param name="blockSize">Bytes in a block.</param>
/// <param name="maxBlocks">How many more blocks the object may have.</param>
internal sealed class BlockStager(IObjectStore objects, string location, BlockPrefix prefix, ContentHash hash, int blockSize, int maxBlocks) : IAsyncDisposable
{
    private const int MaxInFlight = 2;

    private readonly Queue<Task<long>> _inFlight = new();
    private PooledBlock _filling = new();

    /// <summary>Bytes taken so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the blocks that storage has confirmed, of which each was sent with its checksum. After <see cref="FlushAsync"/> they are all there are.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Blocks sent to storage so far.</summary>
    public int Staged { get; private set; }

    /// <summary>What is not staged yet: everything, as long as no block is full.</summary>
    public PooledBlock Rest => _filling;

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="RegistryException">SIZE_INVALID: it has more blocks than there may be.</exception>
    /// <returns>
    /// Null at the end; else how the body broke off, which is the one failure that is returned and not thrown: what came before it can still be staged. Whatever storage
    /// does is none of those, even if it looks like one.
    /// </returns>
    public async Task<ExceptionDispatchInfo?> CopyAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (read, broken) = await ReadAsync(body, cancellationToken);
            if (broken is not null) return broken;
            try
            {
                foreach (var piece in read.Buffer) await AppendAsync(piece);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }

            if (read.IsCompleted) return null;
        }
    }

    /// <summary>Stages the rest, and waits until every block is at storage.</summary>
    public async Task FlushAsync()
    {
        if (_filling.Length > 0) await StageAsync();
        while (_inFlight.TryDequeue(out var task)) Confirmed += await task;
        if (Confirmed != Length) throw new UnreachableException($"{Length} bytes were taken, but storage has {Confirmed}.");
    }

    public async ValueTask DisposeAsync()
    {
        _filling.Dispose();
        // Blocks in flight hold pooled memory until they are done. Whoever failed has been told; these failures add nothing.
        await ((Task)Task.WhenAll(_inFlight)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async ValueTask<(ReadResult Read, ExceptionDispatchInfo? Broken)> ReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.IsCanceled) throw new OperationCanceledException("The body was cancelled.");
            return (read, null);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return (default, ExceptionDispatchInfo.Capture(e));
        }
    }

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> data)
    {
        hash.Append(data.Span);
        Length += data.Length;
        while (!data.IsEmpty)
        {
            // A full block is staged only when more comes, so that content of exactly one block can still be put whole.
            if (_filling.Length == blockSize) await StageAsync();
            var taken = (int)Math.Min(blockSize - _filling.Length, data.Length);
            _filling.Append(data.Span[..taken]);
            data = data[taken..];
        }
    }

    private async ValueTask StageAsync()
    {
        // What comes beyond could never be committed.
        if (Staged == maxBlocks) throw new RegistryException(RegistryError.SizeInvalid, "the blob has more blocks than storage takes; a larger Uploads:BlockSize makes them fewer");
        var block = _filling;
        _filling = new PooledBlock();
        if (_inFlight.Count == MaxInFlight)
        {
            try
            {
                Confirmed += await _inFlight.Dequeue();
            }
            catch
            {
                block.Dispose();
                throw;
            }
        }

        _inFlight.Enqueue(SendAsync(block, prefix.BlockId(Staged++)));
    }

    // Not cancelled with the request: when the client goes away, what it sent is kept for it to go on from.
    private async Task<long> SendAsync(PooledBlock block, string id)
    {
        using (block)
        {
            await objects.StageBlockAsync(location, id, block.Content(), CancellationToken.None);
            return block.Length;
        }
    }
}
