using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Registry.Blobs.Hashing;

/// <summary>
/// The compression function of SHA-256 over whole blocks. Where the OpenSSL that .NET itself uses on Linux is there, its SHA256_Update does the work with
/// the processor's own instructions, several times as fast as the code below; its context is a plain struct, so the chaining value can be put in and
/// taken out. It is used only after it has agreed with the managed code on a test input.
/// </summary>
internal static unsafe class Sha256Compression
{
    private static readonly uint[] s_constants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private static readonly delegate* unmanaged<OpenSslContext*, byte*, nuint, int> s_openSslUpdate = FindOpenSsl();

    /// <summary>Whether OpenSSL does the work.</summary>
    public static bool IsAccelerated => s_openSslUpdate is not null;

    /// <param name="chain">The chaining value, eight words.</param>
    /// <param name="blocks">A multiple of 64 bytes.</param>
    public static void Compress(uint[] chain, ReadOnlySpan<byte> blocks)
    {
        if (s_openSslUpdate is not null) CompressOpenSsl(s_openSslUpdate, chain, blocks);
        else CompressManaged(chain, blocks);
    }

    /// <summary>FIPS 180-4, section 6.2.2.</summary>
    internal static void CompressManaged(uint[] chain, ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        for (; blocks.Length >= 64; blocks = blocks[64..])
        {
            for (var t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(4 * t)..]);
            for (var t = 16; t < 64; t++)
            {
                var s0 = BitOperations.RotateRight(w[t - 15], 7) ^ BitOperations.RotateRight(w[t - 15], 18) ^ (w[t - 15] >> 3);
                var s1 = BitOperations.RotateRight(w[t - 2], 17) ^ BitOperations.RotateRight(w[t - 2], 19) ^ (w[t - 2] >> 10);
                w[t] = w[t - 16] + s0 + w[t - 7] + s1;
            }

            var (a, b, c, d, e, f, g, h) = (chain[0], chain[1], chain[2], chain[3], chain[4], chain[5], chain[6], chain[7]);
            for (var t = 0; t < 64; t++)
            {
                var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
                var t1 = h + s1 + ((e & f) ^ (~e & g)) + s_constants[t] + w[t];
                var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
                var t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
            }

            chain[0] += a; chain[1] += b; chain[2] += c; chain[3] += d;
            chain[4] += e; chain[5] += f; chain[6] += g; chain[7] += h;
        }
    }

    private static void CompressOpenSsl(delegate* unmanaged<OpenSslContext*, byte*, nuint, int> update, uint[] chain, ReadOnlySpan<byte> blocks)
    {
        OpenSslContext context = default;
        context.HashLength = 32;
        chain.CopyTo(new Span<uint>(context.Chain, 8));
        fixed (byte* data = blocks)
        {
            if (update(&context, data, (nuint)blocks.Length) != 1) throw new InvalidOperationException("SHA256_Update failed.");
        }

        new ReadOnlySpan<uint>(context.Chain, 8).CopyTo(chain);
    }

    private static delegate* unmanaged<OpenSslContext*, byte*, nuint, int> FindOpenSsl()
    {
        if (!OperatingSystem.IsLinux()) return null;
        foreach (var library in (ReadOnlySpan<string>)["libcrypto.so.3", "libcrypto.so.1.1"])
        {
            if (!NativeLibrary.TryLoad(library, out var handle)) continue;
            if (!NativeLibrary.TryGetExport(handle, "SHA256_Update", out var export)) continue;
            var update = (delegate* unmanaged<OpenSslContext*, byte*, nuint, int>)export;
            if (Agrees(update)) return update;
        }

        return null;
    }

    private static bool Agrees(delegate* unmanaged<OpenSslContext*, byte*, nuint, int> update)
    {
        var blocks = new byte[3 * 64];
        for (var i = 0; i < blocks.Length; i++) blocks[i] = (byte)(i * 7);
        uint[] ours = [1, 2, 3, 4, 5, 6, 7, 8];
        uint[] theirs = [.. ours];
        CompressManaged(ours, blocks);
        CompressOpenSsl(update, theirs, blocks);
        return ours.AsSpan().SequenceEqual(theirs);
    }

    // SHA256_CTX of openssl/sha.h, unchanged since OpenSSL 0.9.8.
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenSslContext
    {
        public fixed uint Chain[8];
        public uint LengthLow;
        public uint LengthHigh;
        public fixed uint Rest[16];
        public uint RestLength;
        public uint HashLength;
        // Room to spare, should a future context grow; a longer one shows itself in the test input at the latest.
        private fixed uint _reserve[32];
    }
}
