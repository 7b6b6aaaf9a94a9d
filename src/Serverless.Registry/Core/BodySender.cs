using System.IO.Pipelines;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>
/// Who sends one body. He is cut off when he holds memory that others wait for and sends less than <see cref="SlowestRate"/> over <see cref="Window"/>. Only the time counts in which
/// the body was waited for: that storage is slow, or memory short, is not his fault.
/// </summary>
internal sealed class BodySender : IDisposable
{
    /// <summary>Bytes per second.</summary>
    public const int SlowestRate = 16 * 1024;

    /// <summary>How long must have been waited for the body before anybody judges.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly BodyMemory _memory;
    private readonly PipeReader _body;
    private readonly CancellationTokenSource _end;
    private readonly Lock _lock = new();
    private TimeSpan _waited;
    private long? _waitingSince;
    private long _came;
    private int _held;
    private volatile bool _cut;
    private bool _ended;

    /// <param name="memory">What holds the body.</param>
    /// <param name="body">The body.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public BodySender(BodyMemory memory, PipeReader body, CancellationToken cancellationToken)
    {
        (_memory, _body) = (memory, body);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        memory.Add(this);
    }

    /// <summary>Takes memory if there is so much, and nobody waits for it; else null.</summary>
    public BodyBuffer? TryTake(long bytes) => _memory.TryTake(this, bytes);

    /// <summary>Takes memory when it is his turn. He must hold none.</summary>
    public ValueTask<BodyBuffer> TakeAsync(long bytes) => _memory.TakeAsync(this, bytes, _end.Token);

    /// <summary>Reads on.</summary>
    /// <exception cref="RegistryException">TOOMANYREQUESTS: he was cut off.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended.</exception>
    public async ValueTask<ReadResult> ReadAsync()
    {
        var reading = _body.ReadAsync(_end.Token);
        if (!reading.IsCompleted) BeginWait();
        try
        {
            var read = await reading;
            return read.IsCanceled ? throw new OperationCanceledException("The body was cancelled.") : read;
        }
        catch (OperationCanceledException e) when (_cut)
        {
            throw new RegistryException(RegistryError.SenderTooSlow, innerException: e);
        }
        finally
        {
            EndWait();
        }
    }

    /// <summary>Notes that so much of the body has come.</summary>
    public void Came(long bytes)
    {
        lock (_lock) _came += bytes;
    }

    public void Dispose()
    {
        _memory.Remove(this);
        lock (_lock) _ended = true;
        _end.Dispose();
    }

    internal BodySender Holds(int more)
    {
        lock (_lock) _held += more;
        return this;
    }

    internal void MeasureAnew()
    {
        lock (_lock) Reset();
    }

    internal bool IsSlow()
    {
        lock (_lock)
        {
            if (_held == 0 || _waitingSince is not { } since) return false;
            var waited = _waited + _memory.TimeProvider.GetElapsedTime(since);
            if (waited < Window) return false;
            if (_came < waited.TotalSeconds * SlowestRate) return true;
            Reset();
            return false;
        }
    }

    internal void CutOff()
    {
        lock (_lock)
        {
            // The body may have come meanwhile.
            if (_ended || _waitingSince is null) return;
            _cut = true;
            _end.Cancel();
        }
    }

    private void Reset()
    {
        (_waited, _came) = (TimeSpan.Zero, 0);
        if (_waitingSince is not null) _waitingSince = _memory.TimeProvider.GetTimestamp();
    }

    private void BeginWait()
    {
        lock (_lock) _waitingSince = _memory.TimeProvider.GetTimestamp();
    }

    private void EndWait()
    {
        lock (_lock)
        {
            if (_waitingSince is not { } since) return;
            _waited += _memory.TimeProvider.GetElapsedTime(since);
            _waitingSince = null;
        }
    }
}
