using System.IO.Pipelines;
using Serverless.Registry.Blobs.Hashing;
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
internal sealed class BlockStager(IObjectStore objects, string location, BlockPrefix prefix, ContentHash hash, int blockSize) : IAsyncDisposable
{
    private const int MaxInFlight = 2;

    private readonly Queue<Task> _inFlight = new();
    private PooledBlock _filling = new();

    /// <summary>Bytes taken so far.</summary>
    public long Length { get; private set; }

    /// <summary>Blocks sent to storage so far.</summary>
    public int Staged { get; private set; }

    /// <summary>What is not staged yet: everything, as long as no block is full.</summary>
    public PooledBlock Rest => _filling;

    /// <summary>Reads the body to its end. What was read before a failure of the body is kept and can still be staged.</summary>
    public async Task CopyAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            try
            {
                foreach (var piece in read.Buffer) await AppendAsync(piece);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }

            if (read.IsCanceled) throw new OperationCanceledException("The body was cancelled.");
            if (read.IsCompleted) return;
        }
    }

    /// <summary>Stages the rest, and waits until every block is at storage.</summary>
    public async Task FlushAsync()
    {
        if (_filling.Length > 0) await StageAsync();
        while (_inFlight.TryDequeue(out var task)) await task;
    }

    public async ValueTask DisposeAsync()
    {
        _filling.Dispose();
        // Blocks in flight hold pooled memory until they are done. Whoever failed has been told; these failures add nothing.
        await Task.WhenAll(_inFlight).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        var block = _filling;
        _filling = new PooledBlock();
        if (_inFlight.Count == MaxInFlight)
        {
            try
            {
                await _inFlight.Dequeue();
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
    private async Task SendAsync(PooledBlock block, string id)
    {
        using (block) await objects.StageBlockAsync(location, id, block.Content(), CancellationToken.None);
    }
}
