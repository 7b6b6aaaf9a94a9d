using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>A blob that a repository may read. Its link was read once; opening or signing costs no further look at the tables.</summary>
public sealed class Blob
{
    private readonly IObjectStore _objects;
    private readonly string _location;

    internal Blob(IObjectStore objects, Digest digest, long size, string location)
    {
        _objects = objects;
        _location = location;
        Descriptor = new Descriptor(MediaTypes.OctetStream, digest, size);
    }

    /// <summary>The blob's digest, and its size in bytes.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Opens the blob, or a part of it.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">Bytes to read; null reads to the end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">BLOB_UNKNOWN when the bytes went between the look-up and now.</exception>
    public async Task<Stream> OpenAsync(long offset, long? length, CancellationToken cancellationToken) =>
        await _objects.OpenAsync(_location, offset, length, cancellationToken) ?? throw new RegistryException(RegistryError.BlobUnknown);

    /// <summary>Reads the whole blob into memory; for small blobs such as configs.</summary>
    /// <exception cref="RegistryException">BLOB_UNKNOWN when the bytes went between the look-up and now.</exception>
    public async Task<byte[]> GetBytesAsync(CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(0, null, cancellationToken);
        var bytes = new byte[Descriptor.Size];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <summary>A URL from which anybody can read this blob, and nothing else, for a while; null when the store has none to give.</summary>
    public ValueTask<Uri?> SignReadAsync(TimeSpan lifetime, CancellationToken cancellationToken) =>
        _objects.SignReadAsync(_location, lifetime, cancellationToken);
}
