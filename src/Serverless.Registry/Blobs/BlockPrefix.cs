using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Serverless.Registry.Blobs;

/// <summary>What the ids of one request's blocks begin with: 64 random bits.</summary>
internal readonly record struct BlockPrefix(ulong Value)
{
    public static BlockPrefix New() => new(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)));

    /// <summary>Ids have one length, as storage demands of the blocks of a blob: 16 characters of the prefix, 6 of the index.</summary>
    public string BlockId(int index) => string.Create(CultureInfo.InvariantCulture, $"{Value:x16}{index:d6}");
}

/// <summary>The blocks that one request has staged.</summary>
/// <param name="Prefix">What their ids begin with.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Size">Their bytes in all, as storage has confirmed them.</param>
internal readonly record struct Segment(BlockPrefix Prefix, int Count, long Size)
{
    public IEnumerable<string> BlockIds()
    {
        for (var i = 0; i < Count; i++) yield return Prefix.BlockId(i);
    }
}
