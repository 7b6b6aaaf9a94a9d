namespace Serverless.Registry.GarbageCollection;

/// <summary>A list that grows by chunks: of a million things no copy is made while it grows, and no large array is left behind.</summary>
internal sealed class ChunkedList<T>
{
    private const int Bits = 14;
    private const int Size = 1 << Bits;

    private readonly List<T[]> _chunks = [];

    public int Count { get; private set; }

    public T this[int index]
    {
        get => _chunks[index >> Bits][index & (Size - 1)];
        set => _chunks[index >> Bits][index & (Size - 1)] = value;
    }

    public void Add(T item)
    {
        if (Count >> Bits == _chunks.Count) _chunks.Add(new T[Size]);
        this[Count++] = item;
    }
}
