namespace Serverless.Registry.GarbageCollection;

/// <summary>Tells how far things have come that begin in order and end in any: the last before which all have ended.</summary>
internal sealed class OrderedProgress
{
    private readonly Lock _lock = new();
    private readonly Queue<Entry> _open = new();

    /// <summary>The last place before which, and at which, everything has ended; null when there is none.</summary>
    public string? Reached { get; private set; }

    /// <summary>Something begins, after all that have begun before.</summary>
    /// <returns>What to tell <see cref="End"/>.</returns>
    public Entry Begin(string place)
    {
        var entry = new Entry(place);
        lock (_lock) _open.Enqueue(entry);
        return entry;
    }

    /// <summary>It has ended.</summary>
    public void End(Entry entry)
    {
        lock (_lock)
        {
            entry.Ended = true;
            while (_open.TryPeek(out var first) && first.Ended) Reached = _open.Dequeue().Place;
        }
    }

    /// <summary>Something that has begun.</summary>
    internal sealed class Entry(string place)
    {
        public string Place => place;

        public bool Ended { get; set; }
    }
}
