namespace Serverless.Testing;

/// <summary>Numbers that come again with the same seed: SplitMix64. For one thread.</summary>
public sealed class SeededGenerator(ulong seed)
{
    private ulong _state = seed;

    public int Next(int below) => (int)(Next() % (ulong)below);

    /// <summary>Whether it happens, at so many times out of so many.</summary>
    public bool Chance(int times, int outOf) => Next(outOf) < times;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = (byte)Next();
        return bytes;
    }

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
