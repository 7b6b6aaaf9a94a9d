namespace Serverless.Registry.Core;

/// <summary>
/// The memory that the bodies of all requests may hold at a time, however many come and however large they are. It is handed out in pieces of one size, which are made when they are
/// first needed and used again, so that the process never has more of them than this.
/// <code>
///   a body that holds nothing     waits in the queue, in order of arrival, and is not read on
///   a body that holds something   takes more only of what nobody waits for; else it sends what it has to storage first
/// </code>
/// So nobody who holds memory waits for memory: it waits for storage, which ends in time, or for its client, who is cut off when he is slow while others wait.
/// </summary>
internal sealed class BodyMemory
{
    /// <summary>Bytes in a piece: the least that a body holds.</summary>
    public const int PieceSize = 64 * 1024;

    // How often senders are looked at while somebody waits.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _spare = new();
    private readonly LinkedList<Waiter> _queue = new();
    private readonly HashSet<BodySender> _senders = [];
    private readonly int _all;
    private int _left;
    private ITimer? _watch;

    /// <param name="bytes">What all bodies together may hold.</param>
    /// <param name="timeProvider">Measures how fast bodies come.</param>
    public BodyMemory(long bytes, TimeProvider timeProvider)
    {
        TimeProvider = timeProvider;
        _left = _all = (int)(bytes / PieceSize);
    }

    public TimeProvider TimeProvider { get; }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _queue.Count;
        }
    }

    /// <summary>Bytes that nobody holds.</summary>
    public long Left
    {
        get
        {
            lock (_lock) return (long)_left * PieceSize;
        }
    }

    /// <summary>Takes memory if there is so much, and nobody waits for it; else null.</summary>
    public BodyBuffer? TryTake(BodySender sender, long bytes)
    {
        var pieces = PiecesFor(bytes);
        lock (_lock) return _queue.Count == 0 && pieces <= _left ? Grant(sender, pieces) : null;
    }

    /// <summary>Takes memory when it is this sender's turn. It must hold none.</summary>
    public async ValueTask<BodyBuffer> TakeAsync(BodySender sender, long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> place;
        lock (_lock)
        {
            var pieces = PiecesFor(bytes);
            if (_queue.Count == 0 && pieces <= _left) return Grant(sender, pieces);
            place = _queue.AddLast(new Waiter(sender, pieces));
            Watch();
        }

        try
        {
            return await place.Value.Granted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What was granted at the same moment goes to the next.
            if (!Leave(place)) (await place.Value.Granted.Task).Dispose();
            throw;
        }
    }

    internal void Add(BodySender sender)
    {
        lock (_lock) _senders.Add(sender);
    }

    internal void Remove(BodySender sender)
    {
        lock (_lock) _senders.Remove(sender);
    }

    /// <summary>A piece of what a buffer has been granted.</summary>
    internal byte[] NewPiece()
    {
        lock (_lock)
        {
            if (_spare.TryPop(out var piece)) return piece;
        }

        // It lives as long as the registry and is handed to sockets: the collector shall neither move nor copy it.
        return GC.AllocateUninitializedArray<byte>(PieceSize, pinned: true);
    }

    /// <summary>Takes back a grant, or a part of it, and the pieces that were made use of.</summary>
    internal void Return(int granted, IEnumerable<byte[]> pieces)
    {
        lock (_lock)
        {
            foreach (var piece in pieces) _spare.Push(piece);
            _left += granted;
            Serve();
        }
    }

    private int PiecesFor(long bytes)
    {
        var pieces = Math.Max(1, (bytes + PieceSize - 1) / PieceSize);
        return pieces <= _all ? (int)pieces : throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"More than all memory for bodies, {_all} pieces of {PieceSize} bytes.");
    }

    private BodyBuffer Grant(BodySender sender, int pieces)
    {
        _left -= pieces;
        return new BodyBuffer(this, sender, pieces);
    }

    private void Serve()
    {
        while (_queue.First is { } first && first.Value.Pieces <= _left)
        {
            _queue.RemoveFirst();
            first.Value.Granted.SetResult(Grant(first.Value.Sender, first.Value.Pieces));
        }

        if (_queue.Count > 0) return;
        _watch?.Dispose();
        _watch = null;
    }

    /// <returns>False when it has been granted what it waited for.</returns>
    private bool Leave(LinkedListNode<Waiter> place)
    {
        lock (_lock)
        {
            if (place.List is null) return false;
            _queue.Remove(place);
            // Who is next may need less.
            Serve();
            return true;
        }
    }

    // Speed counts from now on: before, nobody was kept waiting by it.
    private void Watch()
    {
        if (_watch is not null) return;
        foreach (var sender in _senders) sender.MeasureAnew();
        _watch = TimeProvider.CreateTimer(static state => ((BodyMemory)state!).CutOffSlow(), this, s_interval, s_interval);
    }

    private void CutOffSlow()
    {
        List<BodySender> slow;
        lock (_lock) slow = _queue.Count == 0 ? [] : [.. _senders.Where(static s => s.IsSlow())];
        foreach (var sender in slow) sender.CutOff();
    }

    private sealed record Waiter(BodySender Sender, int Pieces)
    {
        // Whoever returns memory holds the lock.
        public TaskCompletionSource<BodyBuffer> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
