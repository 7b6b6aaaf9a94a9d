using System.Runtime.CompilerServices;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Tests.Copying;

/// <summary>Another registry's repository, whose answers a test may change.</summary>
internal sealed class FakeSource(Repository repository) : IImageSource
{
    /// <summary>Blobs that were opened, one after the other.</summary>
    public List<Digest> Opened { get; } = [];

    /// <summary>From which bytes on.</summary>
    public List<long> Offsets { get; } = [];

    /// <summary>Makes of the bytes of a blob, from the one on that was asked for, what is sent; null: it is not there.</summary>
    public Func<Digest, byte[], Stream?> Send { get; set; } = (_, bytes) => new MemoryStream(bytes);

    public Func<Reference, SourceManifest?, SourceManifest?> Answer { get; set; } = (_, manifest) => manifest;

    public async Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken)
    {
        var stored = await repository.Manifests.GetAsync(reference, cancellationToken);
        return Answer(reference, stored is null ? null : new SourceManifest(stored.MediaType, stored.Payload));
    }

    public async Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        lock (Opened)
        {
            Opened.Add(blob.Digest);
            Offsets.Add(offset);
        }

        var found = await repository.Blobs.FindAsync(blob.Digest, cancellationToken);
        return found is null ? null : Send(blob.Digest, (await found.GetBytesAsync(cancellationToken))[(int)offset..]);
    }

    public IAsyncEnumerable<Tag> ListTagsAsync(CancellationToken cancellationToken) => repository.Tags.ListAsync(cancellationToken);

    public async IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var manifest in repository.Manifests.ListAsync(cancellationToken))
        {
            var stored = await repository.Manifests.GetAsync(new Reference(manifest.Digest), cancellationToken);
            if (stored!.Parse(ManifestTypes.Default).Content.Subject?.Digest == subject) yield return manifest;
        }
    }
}

/// <summary>Breaks off after some bytes.</summary>
internal sealed class BrokenStream(byte[] bytes, int length) : MemoryStream(bytes)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Position >= length ? throw new ImageSourceException("The source broke off.") { IsTransient = true } : await base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - Position)], cancellationToken);
}
