using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>Rows of one partition that are written together, after those of the same partition that come before them.</summary>
/// <param name="before">Ends when the piece before of the partition has ended.</param>
internal sealed class RowPiece(Task<bool> before)
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The rows.</summary>
    public List<MovedRow> Rows { get; } = [];

    /// <summary>The blob whose bytes come before the rows; null: none has to.</summary>
    public BlobToMove? Blob { get; set; }

    /// <summary>Their size in bytes, roughly.</summary>
    public int Size { get; set; }

    /// <summary>Whether the pieces before were written; false: what failed, or was refused, is not to be built upon.</summary>
    public Task<bool> Before => before;

    /// <summary>Whether this one was written, once that is known.</summary>
    public Task<bool> Done => _done.Task;

    public void End(bool done) => _done.TrySetResult(done);

    /// <summary>Writes pieces, those of different partitions at the same time. A piece is taken up only after those before it, so no one waits for what has no turn.</summary>
    public static Task RunAllAsync(IAsyncEnumerable<RowPiece> pieces, int atOnce, Func<RowPiece, CancellationToken, Task<bool>> write, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(pieces, parallel, async (piece, end) =>
        {
            var done = false;
            try
            {
                done = await write(piece, end);
            }
            finally
            {
                piece.End(done);
            }
        });
    }
}

/// <summary>Puts rows that come in order of partitions into pieces that fit into a batch.</summary>
/// <param name="batchCount">How many rows that may be.</param>
internal sealed class RowPieces(int batchCount)
{
    private static readonly Task<bool> s_nothing = Task.FromResult(true);

    private string? _partition;
    private RowPiece _piece = new(s_nothing);

    /// <summary>Begins the partition of a row, unless it is the one that was begun.</summary>
    /// <returns>What is left of the partition before; null: nothing.</returns>
    public RowPiece? Begin(string partition)
    {
        if (partition == _partition) return null;
        _partition = partition;
        return Take(s_nothing);
    }

    /// <summary>Adds a row of the partition.</summary>
    /// <returns>The piece that is full; null: it fits.</returns>
    public RowPiece? Add(MovedRow row)
    {
        var size = TableLimits.Check(row.Write);
        var full = _piece.Rows.Count == batchCount || _piece.Size + size > TableLimits.BatchSize ? Take(_piece.Done) : null;
        _piece.Rows.Add(row);
        _piece.Size += size;
        return full;
    }

    /// <summary>Has the bytes of a blob come before the rows that are added from here on.</summary>
    public void Add(BlobToMove blob) => _piece.Blob = blob;

    /// <summary>What is left at the end; null: nothing.</summary>
    public RowPiece? End() => Take(s_nothing);

    private RowPiece? Take(Task<bool> before)
    {
        var taken = _piece;
        if (taken is { Rows.Count: 0, Blob: null }) return null;
        _piece = new RowPiece(before);
        return taken;
    }
}
