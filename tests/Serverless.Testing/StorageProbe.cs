using Serverless.Registry.Storage;

namespace Serverless.Testing;

/// <summary>What happens to the chosen storage call.</summary>
public enum StorageFault
{
    /// <summary>The process dies before the call reaches storage.</summary>
    CrashBefore,

    /// <summary>The call is applied and the process dies before it sees the answer.</summary>
    CrashAfter,

    /// <summary>The call is applied, its answer is lost and the client sends it again, as the Azure clients do; the second answer is seen.</summary>
    Replay,

    /// <summary>The call is applied and the answer, after all retries, is a failure.</summary>
    AppliedButUnavailable,

    /// <summary>The call is not applied, and the answer, after all retries, is a failure.</summary>
    Unavailable,

    /// <summary>The call is applied and ends, as calls of the Azure clients do whose time is up, in the cancellation of a task that nobody has cancelled.</summary>
    AppliedButTimedOut,

    /// <summary>The call is not applied, and ends in such a cancellation.</summary>
    TimedOut,

    /// <summary>The call is not applied, and its connection breaks off.</summary>
    BrokenOff,
}

/// <summary>The process has died in a test; whatever it would still do to storage does not happen.</summary>
public sealed class SimulatedCrashException : Exception;

/// <summary>
/// Watches the calls that an app makes to its two stores: counts them, tells in how many sequential steps they were made, and makes a chosen one fail.
/// </summary>
public sealed class StorageProbe
{
    private readonly Lock _lock = new();
    private readonly List<string> _calls = [];
    private int _tableCalls;
    private int _objectCalls;
    private int _finishedStep;
    private int _faultAt = -1;
    private int _objectFaultAt = -1;
    private StorageFault _fault;
    private bool _dead;

    /// <summary>Slows every call down, so that calls made in parallel are seen to be so.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The calls since <see cref="Reset"/>, in the order in which they were begun.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    /// <summary>Calls to tables and to objects since <see cref="Reset"/>.</summary>
    public (int Table, int Object) Counts
    {
        get
        {
            lock (_lock) return (_tableCalls, _objectCalls);
        }
    }

    /// <summary>The longest chain of calls of which each began after the one before had ended.</summary>
    public int Steps
    {
        get
        {
            lock (_lock) return _finishedStep;
        }
    }

    /// <summary>Wraps two stores.</summary>
    public (ITableStore Tables, IObjectStore Objects) Watch((ITableStore Tables, IObjectStore Objects) stores) =>
        (new ProbedTableStore(stores.Tables, this), new ProbedObjectStore(stores.Objects, this));

    /// <summary>Forgets what was counted, and any fault.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _calls.Clear();
            (_tableCalls, _objectCalls, _finishedStep, _faultAt, _objectFaultAt, _dead) = (0, 0, 0, -1, -1, false);
        }
    }

    /// <summary>Makes the call of that number, counted from 0 and from the last <see cref="Reset"/>, fail.</summary>
    public void FailAt(int call, StorageFault fault)
    {
        lock (_lock) (_faultAt, _fault) = (call, fault);
    }

    /// <summary>Makes the call to objects of that number fail, whatever is called of tables meanwhile.</summary>
    public void FailAtObject(int call, StorageFault fault)
    {
        lock (_lock) (_objectFaultAt, _fault) = (call, fault);
    }

    internal async Task<T> RunAsync<T>(bool table, string name, Func<Task<T>> call)
    {
        var (fault, step) = Begin(table, name);
        try
        {
            if (Delay > TimeSpan.Zero) await Task.Delay(Delay);
            return await fault.RunAsync(call);
        }
        finally
        {
            lock (_lock) _finishedStep = Math.Max(_finishedStep, step);
        }
    }

    private (StorageFault? Fault, int Step) Begin(bool table, string name)
    {
        lock (_lock)
        {
            if (_dead) throw new SimulatedCrashException();
            StorageFault? fault = _calls.Count == _faultAt || (!table && _objectCalls == _objectFaultAt) ? _fault : null;
            _dead = fault is StorageFault.CrashBefore or StorageFault.CrashAfter;
            _calls.Add(name);
            if (table) _tableCalls++;
            else _objectCalls++;
            return (fault, _finishedStep + 1);
        }
    }
}
