using System.Buffers.Binary;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs.Hashing;

/// <summary>
/// A SHA-256 (FIPS 180-4) that can be saved between two pieces of its input and taken up by another process: the framework's hash keeps its state to
/// itself. Whole blocks go to <see cref="Sha256Compression"/>; only the padding and the rest of a block are handled here.
/// <code>
/// saved: 8 x 4 bytes chaining value, 8 bytes length in bytes (both big-endian), 0 to 63 bytes not yet compressed
/// </code>
/// </summary>
public sealed class Sha256State : ContentHash
{
    private const int BlockSize = 64;
    private const int FixedSize = 40;

    private readonly uint[] _chain = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    private readonly byte[] _rest = new byte[BlockSize];
    private int _restLength;

    /// <summary>The hash of nothing so far.</summary>
    public Sha256State()
    {
    }

    /// <summary>Takes up a saved state.</summary>
    /// <exception cref="ArgumentException">The bytes are not a saved state.</exception>
    public Sha256State(ReadOnlySpan<byte> saved)
    {
        if (saved.Length is < FixedSize or >= FixedSize + BlockSize) throw new ArgumentException("Not a saved SHA-256 state.", nameof(saved));
        for (var i = 0; i < _chain.Length; i++) _chain[i] = BinaryPrimitives.ReadUInt32BigEndian(saved[(4 * i)..]);
        Length = BinaryPrimitives.ReadInt64BigEndian(saved[32..]);
        _restLength = saved.Length - FixedSize;
        if (Length < 0 || Length % BlockSize != _restLength) throw new ArgumentException("Not a saved SHA-256 state.", nameof(saved));
        saved[FixedSize..].CopyTo(_rest);
    }

    /// <inheritdoc/>
    public override DigestAlgorithm Algorithm => DigestAlgorithm.Sha256;

    /// <summary>Bytes hashed so far.</summary>
    public long Length { get; private set; }

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        if (_restLength > 0)
        {
            var taken = Math.Min(BlockSize - _restLength, data.Length);
            data[..taken].CopyTo(_rest.AsSpan(_restLength));
            data = data[taken..];
            _restLength += taken;
            if (_restLength < BlockSize) return;
            Sha256Compression.Compress(_chain, _rest);
        }

        var whole = data.Length - (data.Length % BlockSize);
        if (whole > 0) Sha256Compression.Compress(_chain, data[..whole]);
        data[whole..].CopyTo(_rest);
        _restLength = data.Length - whole;
    }

    /// <summary>The state, 40 to 103 bytes, from which another instance can go on.</summary>
    public byte[] Save()
    {
        var saved = new byte[FixedSize + _restLength];
        for (var i = 0; i < _chain.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(saved.AsSpan(4 * i), _chain[i]);
        BinaryPrimitives.WriteInt64BigEndian(saved.AsSpan(32), Length);
        _rest.AsSpan(0, _restLength).CopyTo(saved.AsSpan(FixedSize));
        return saved;
    }

    /// <inheritdoc/>
    public override byte[] Finish()
    {
        var bits = (ulong)Length * 8;
        Span<byte> padding = stackalloc byte[BlockSize + 8];
        padding.Clear();
        padding[0] = 0x80;
        var zeros = ((2 * BlockSize) - 8 - _restLength - 1) % BlockSize;
        BinaryPrimitives.WriteUInt64BigEndian(padding[(1 + zeros)..], bits);
        Append(padding[..(1 + zeros + 8)]);
        var hash = new byte[32];
        for (var i = 0; i < _chain.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), _chain[i]);
        return hash;
    }
}
