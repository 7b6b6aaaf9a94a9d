namespace Serverless.Functions.Tests.Hostile;

/// <summary>A generator of numbers that a test can repeat: SplitMix64.</summary>
public sealed class SeededGenerator(ulong seed)
{
    private ulong _state = seed;

    public int Next(int below) => (int)(Next() % (ulong)below);

    public bool Chance(int percent) => Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = (byte)Next();
        return bytes;
    }

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
