namespace Serverless.Registry.Copying;

/// <summary>How a file is compressed, told by its first bytes.</summary>
internal static class LayerCompression
{
    /// <summary><c>gzip</c> (RFC 1952, 2.3.1) or <c>zstd</c> (RFC 8878, 3.1.1); null when it is neither.</summary>
    public static string? Of(ReadOnlySpan<byte> start) => start switch
    {
        [0x1f, 0x8b, ..] => "gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
        _ => null,
    };
}
