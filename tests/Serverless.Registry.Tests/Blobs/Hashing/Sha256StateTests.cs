using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Blobs.Hashing;
using Xunit;

namespace Serverless.Registry.Tests.Blobs.Hashing;

public sealed class Sha256StateTests
{
    // FIPS 180-4 examples, and those of NIST's "SHA256.pdf".
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    [InlineData(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1")]
    public void The_examples_of_the_standard_come_out(string text, string expected)
    {
        using var hash = new Sha256State();
        hash.Append(Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, Convert.ToHexStringLower(hash.Finish()));
    }

    [Fact]
    public void A_million_letters_come_out_in_uneven_pieces()
    {
        var letters = Encoding.ASCII.GetBytes(new string('a', 1_000_000));
        using var hash = new Sha256State();
        for (var (i, piece) = (0, 1); i < letters.Length; i += piece, piece = (piece * 3 % 1009) + 1) hash.Append(letters.AsSpan(i, Math.Min(piece, letters.Length - i)));
        Assert.Equal(1_000_000, hash.Length);
        Assert.Equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", Convert.ToHexStringLower(hash.Finish()));
    }

    [Fact]
    public void Pieces_give_the_hash_of_the_whole_even_when_saved_and_restored_in_between()
    {
        var pieces = Gen.Choose(0, 200).Or(Gen.Elements(0, 1, 55, 56, 63, 64, 65, 127, 128)).ListOf();
        Prop.ForAll(pieces.ToArbitrary(), lengths =>
        {
            var content = Any.Content(lengths.Sum(), lengths.Count);
            var (kept, restored) = (new Sha256State(), new Sha256State());
            var offset = 0;
            foreach (var length in lengths)
            {
                kept.Append(content.AsSpan(offset, length));
                restored.Append(content.AsSpan(offset, length));
                offset += length;
                var saved = restored.Save();
                Assert.Equal(40 + (offset % 64), saved.Length);
                restored = new Sha256State(saved);
                Assert.Equal(offset, restored.Length);
            }

            var expected = SHA256.HashData(content);
            return kept.Finish().SequenceEqual(expected) && restored.Finish().SequenceEqual(expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Every_saved_size_from_40_to_103_bytes_occurs_and_goes_on()
    {
        var content = Any.Content(128);
        for (var length = 0; length < 64; length++)
        {
            using var first = new Sha256State();
            first.Append(content.AsSpan(0, length));
            var saved = first.Save();
            Assert.Equal(40 + length, saved.Length);
            using var second = new Sha256State(saved);
            second.Append(content.AsSpan(length));
            Assert.Equal(SHA256.HashData(content), second.Finish());
        }
    }

    [Fact]
    public void Saving_does_not_disturb_the_hash()
    {
        using var hash = new Sha256State();
        hash.Append("abc"u8);
        Assert.Equal(hash.Save(), hash.Save());
        hash.Append("def"u8);
        Assert.Equal(SHA256.HashData("abcdef"u8), hash.Finish());
    }

    [Fact]
    public void A_state_beyond_4_GiB_is_taken_up()
    {
        var saved = new Sha256State().Save();
        BinaryPrimitives.WriteInt64BigEndian(saved.AsSpan(32), 5L << 32);
        using var hash = new Sha256State(saved);
        hash.Append(new byte[64]);
        Assert.Equal((5L << 32) + 64, hash.Length);
    }

    [Fact]
    public void What_is_no_saved_state_is_refused()
    {
        using var hash = new Sha256State();
        hash.Append(new byte[70]);
        var saved = hash.Save();
        Assert.Throws<ArgumentException>(() => new Sha256State([]));
        Assert.Throws<ArgumentException>(() => new Sha256State(saved.AsSpan(0, 39)));
        Assert.Throws<ArgumentException>(() => new Sha256State(saved.AsSpan(0, saved.Length - 1)));
        Assert.Throws<ArgumentException>(() => new Sha256State([.. saved, 0]));
        Assert.Throws<ArgumentException>(() => new Sha256State(new byte[104]));
        var negative = saved.ToArray();
        negative[32] = 0x80;
        Assert.Throws<ArgumentException>(() => new Sha256State(negative));
        saved[39] ^= 1;
        Assert.Throws<ArgumentException>(() => new Sha256State(saved));
    }
}
