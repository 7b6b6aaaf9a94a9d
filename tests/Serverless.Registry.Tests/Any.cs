using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Tests;

/// <summary>Generators that several tests share, and content that is made from a number.</summary>
internal static class Any
{
    private const string LowerAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Valid names: few letters, so that neighbours in the order share prefixes.</summary>
    public static Gen<RepositoryName> RepositoryName =>
        from components in Joined(Joined(Word, Gen.Elements(".", "_", "__", "-", "--", "---")), Gen.Constant("/"))
        where components.Length <= Registry.Oci.RepositoryName.MaxLength
        select Registry.Oci.RepositoryName.Parse(components);

    public static Gen<Tag> Tag =>
        from first in Gen.Elements("aZ09_".ToCharArray())
        from rest in Gen.Elements("aZ09_.-".ToCharArray()).ListOf()
        select Registry.Oci.Tag.Parse(first + string.Concat(rest.Take(127)));

    public static Gen<Digest> Digest =>
        from algorithm in Gen.Elements(DigestAlgorithm.Sha256, DigestAlgorithm.Sha512)
        from seed in Gen.Choose(0, int.MaxValue)
        select Registry.Oci.Digest.Compute(algorithm, BitConverter.GetBytes(seed));

    /// <summary>Content that looks random and is always the same for the same seed.</summary>
    public static byte[] Content(int length, int seed = 1)
    {
        var bytes = new byte[length];
        var state = ((ulong)(uint)seed << 1) | 1;
        Span<byte> word = stackalloc byte[8];
        for (var i = 0; i < length; i += 8)
        {
            state += 0x9e3779b97f4a7c15;
            var mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
            BinaryPrimitives.WriteUInt64LittleEndian(word, mixed ^ (mixed >> 27));
            word[..Math.Min(8, length - i)].CopyTo(bytes.AsSpan(i));
        }

        return bytes;
    }

    private static Gen<string> Word => Gen.Elements(LowerAlphanumeric.ToCharArray()).NonEmptyListOf().Select(c => string.Concat(c.Take(6)));

    private static Gen<string> Joined(Gen<string> part, Gen<string> separator) =>
        from first in part
        from rest in (from s in separator from p in part select s + p).ListOf()
        select first + string.Concat(rest.Take(3));
}
