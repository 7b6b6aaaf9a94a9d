using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs;

/// <summary>
/// Takes bytes as they come, hashes them and stages them as blocks of one object. While a block travels to storage the next one is filled, with a few
/// in flight at most, and fewer where <see cref="BodyMemory"/> has no more: memory depends neither on how much comes nor on how many send.
/// <code>
/// body -> [hash] -> block being filled -> block in flight -> storage
///                                         block in flight ->
/// </code>
/// </summary>
/// <param name="context">Where the blocks go, how large they are, and the memory for them.</param>
/// <param name="location">The object they will be.</param>
/// <param name="prefix">Starts every block id. Each request has its own, so blocks of two requests never mix.</param>
/// <param name="hash">Sees every byte, in order.</param>
/// <param name="maxBlocks">How many more blocks the object may have.</param>
internal sealed class BlockStager(RegistryContext context, string location, BlockPrefix prefix, ContentHash hash, int maxBlocks) : IAsyncDisposable
{
    private readonly Queue<Task<long>> _inFlight = new();
    private BodyBuffer? _filling;

    /// <summary>Bytes taken so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the blocks that storage has confirmed, of which each was sent with its checksum. After <see cref="FlushAsync"/> they are all there are.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Blocks sent to storage so far.</summary>
    public int Staged { get; private set; }

    /// <summary>What is not staged yet: everything, as long as no block is full.</summary>
    public ReadOnlySequence<byte> Rest => _filling?.Content() ?? default;

    private int BlockSize => context.Options.BlockSize;

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="RegistryException">SIZE_INVALID: it has more blocks than there may be.</exception>
    /// <returns>
    /// Null at the end; else how the body broke off, which is the one failure that is returned and not thrown: what came before it can still be staged. That the sender was
    /// too slow is such a failure. Whatever storage does is none, even if it looks like one.
    /// </returns>
    public async Task<ExceptionDispatchInfo?> CopyAsync(PipeReader body, CancellationToken cancellationToken)
    {
        using var sender = new BodySender(context.BodyMemory, body, cancellationToken);
        while (true)
        {
            var (read, broken) = await TryAsync(sender.ReadAsync());
            if (broken is null)
            {
                try
                {
                    broken = await AppendAsync(sender, read);
                }
                finally
                {
                    body.AdvanceTo(read.Buffer.End);
                }
            }

            if (broken is null && !read.IsCompleted) continue;
            // Nothing more comes.
            _filling?.Trim();
            return broken;
        }
    }

    /// <summary>Stages the rest, and waits until every block is at storage.</summary>
    public async Task FlushAsync()
    {
        if (_filling is not null) await StageAsync(_filling);
        while (_inFlight.TryDequeue(out var task)) Confirmed += await task;
        if (Confirmed != Length) throw new UnreachableException($"{Length} bytes were taken, but storage has {Confirmed}.");
    }

    public async ValueTask DisposeAsync()
    {
        _filling?.Dispose();
        // Blocks in flight hold memory until they are done. Whoever failed has been told; these failures add nothing.
        await ((Task)Task.WhenAll(_inFlight)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Only of what the sender does: a client that went away, a wait for memory that ended with it.
    private static async ValueTask<(T? Result, ExceptionDispatchInfo? Broken)> TryAsync<T>(ValueTask<T> call)
    {
        try
        {
            return (await call, null);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException || e is RegistryException { Error: var error } && error == RegistryError.SenderTooSlow)
        {
            return (default, ExceptionDispatchInfo.Capture(e));
        }
    }

    private async ValueTask<ExceptionDispatchInfo?> AppendAsync(BodySender sender, ReadResult read)
    {
        var left = read.Buffer.Length;
        foreach (var piece in read.Buffer)
        {
            for (var data = piece; !data.IsEmpty;)
            {
                // A full block is staged only when more comes, so that content of exactly one block can still be put whole.
                if (_filling?.Length == BlockSize) await StageAsync(_filling);
                if (_filling is null && await BeginBlockAsync(sender, read.IsCompleted ? Math.Min(left, BlockSize) : BlockSize) is { } broken) return broken;
                var taken = data[..(int)Math.Min(BlockSize - _filling!.Length, data.Length)];
                hash.Append(taken.Span);
                _filling.Append(taken.Span);
                sender.Came(taken.Length);
                Length += taken.Length;
                left -= taken.Length;
                data = data[taken.Length..];
            }
        }

        return null;
    }

    /// <summary>Takes memory for the next block. Nobody waits for others' memory while he has some himself: his own blocks go to storage first.</summary>
    private async ValueTask<ExceptionDispatchInfo?> BeginBlockAsync(BodySender sender, long size)
    {
        while ((_filling = sender.TryTake(size)) is null)
        {
            if (_inFlight.TryDequeue(out var oldest))
            {
                Confirmed += await oldest;
                continue;
            }

            (_filling, var broken) = await TryAsync(sender.TakeAsync(size));
            return broken;
        }

        return null;
    }

    private async ValueTask StageAsync(BodyBuffer block)
    {
        // What comes beyond could never be committed.
        if (Staged == maxBlocks) throw new RegistryException(RegistryError.SizeInvalid, "the blob has more blocks than storage takes; a larger Uploads:BlockSize makes them fewer");
        // While it waits for others in flight it is still this object's to dispose of.
        if (_inFlight.Count == context.Options.BlocksInFlight) Confirmed += await _inFlight.Dequeue();
        _filling = null;
        _inFlight.Enqueue(SendAsync(block, prefix.BlockId(Staged++)));
    }

    // Not cancelled with the request: when the client goes away, what it sent is kept for it to go on from.
    private async Task<long> SendAsync(BodyBuffer block, string id)
    {
        using (block)
        {
            await context.Objects.StageBlockAsync(location, id, block.Content(), CancellationToken.None);
            return block.Length;
        }
    }
}
