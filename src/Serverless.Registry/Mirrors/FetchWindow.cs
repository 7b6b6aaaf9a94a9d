using System.Buffers;

namespace Serverless.Registry.Mirrors;

/// <summary>
/// The last bytes of a blob that is being fetched, for those who are sent them at once. The fetch waits for nobody: who is slower than it falls behind, and reads on from storage when
/// the blob is there.
/// <code>
///   source --> | ............ window ............ | --> storage
///                 ^ reader        held back ^^^^^^
/// </code>
/// The end of what has come is held back until the blob is known to be right, so that nobody is sent the whole of a wrong one.
/// </summary>
internal sealed class FetchWindow : IDisposable
{
    /// <summary>Bytes that are held back; of a smaller blob all.</summary>
    public const int HeldBack = 64 * 1024;

    private readonly Lock _lock = new();
    private byte[]? _ring;
    private long _written;
    private bool _isComplete;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="size">Bytes in the window.</param>
    public FetchWindow(int size) => _ring = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>Whether the first byte is still there, or is to come.</summary>
    public bool HasStart
    {
        get
        {
            lock (_lock) return _ring is { } ring && _written <= ring.Length;
        }
    }

    /// <summary>Appends what has come.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_ring is null) return;
            while (!bytes.IsEmpty)
            {
                var at = (int)(_written % _ring.Length);
                var taken = bytes[..Math.Min(bytes.Length, _ring.Length - at)];
                taken.CopyTo(_ring.AsSpan(at));
                _written += taken.Length;
                bytes = bytes[taken.Length..];
            }

            Wake();
        }
    }

    /// <summary>The blob is right: nothing is held back any more.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Wake();
        }
    }

    /// <summary>Reads from a place on.</summary>
    /// <param name="position">The place in the blob.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="changed">Ends when there may be more.</param>
    /// <returns>How many bytes there were; null when the place is not in the window any more.</returns>
    public int? Read(long position, Span<byte> buffer, out Task changed)
    {
        lock (_lock)
        {
            changed = _changed.Task;
            if (_ring is null || position < _written - _ring.Length) return null;
            var end = _isComplete ? _written : _written - HeldBack;
            if (position >= end) return 0;
            var at = (int)(position % _ring.Length);
            var count = (int)Math.Min(Math.Min(buffer.Length, end - position), _ring.Length - at);
            _ring.AsSpan(at, count).CopyTo(buffer);
            return count;
        }
    }

    /// <summary>The bytes are in storage, or the fetch has failed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ring is not { } ring) return;
            _ring = null;
            ArrayPool<byte>.Shared.Return(ring);
            Wake();
        }
    }

    private void Wake()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
