namespace Serverless.Registry.GarbageCollection;

/// <summary>Tells how far things have come that begin in order and end in any: the last before which all have ended.</summary>
internal sealed class OrderedProgress
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, (string Place, bool Ended)> _open = [];
    private long _next;

    /// <summary>The last place before which, and at which, everything has ended; null when there is none.</summary>
    public string? Reached { get; private set; }

    /// <summary>Something begins, after all that have begun before.</summary>
    /// <returns>What to tell <see cref="End"/>.</returns>
    public long Begin(string place)
    {
        lock (_lock)
        {
            _open.Add(_next, (place, false));
            return _next++;
        }
    }

    /// <summary>It has ended.</summary>
    public void End(long number)
    {
        lock (_lock)
        {
            _open[number] = _open[number] with { Ended = true };
            while (_open.Count > 0 && _open.First() is { Value.Ended: true } first)
            {
                _open.Remove(first.Key);
                Reached = first.Value.Place;
            }
        }
    }
}
