using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>
/// Images in a tar archive that <c>docker save</c>, podman or skopeo wrote (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"):
/// <code>
///   manifest.json     [{"Config": FILE, "RepoTags": [NAME:TAG, ...], "Layers": [FILE, ...]}, ...]
/// </code>
/// There is no manifest of a registry in it, so one is made: of the config and the layers as they lie there, which mostly are not compressed. The digests of those stand in the config, so no
/// layer is read beforehand; and the same archive always makes the same manifest.
/// </summary>
public sealed class DockerArchiveSource : IImageSource
{
    private const string Listing = "manifest.json";
    private const string Layer = "application/vnd.oci.image.layer.v1.tar";

    private readonly IReadOnlyList<DockerArchiveImage> _images;
    private readonly Dictionary<Digest, string> _paths;
    private readonly TarFiles _files;

    private DockerArchiveSource(TarFiles files, IReadOnlyList<DockerArchiveImage> images, Dictionary<Digest, string> paths) => (_files, _images, _paths) = (files, images, paths);

    /// <summary>The only image, whatever it is called; null when there are none or several.</summary>
    public Digest? Single => _images.Select(i => i.Manifest.Digest).Distinct().ToList() is [var one] ? one : null;

    /// <summary>Opens an archive, which is not unpacked and must not be compressed.</summary>
    /// <param name="archive">The file.</param>
    /// <param name="image">The image that is wanted, as the archive names it; null: all of them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ImageSourceException">It is none, or has no such image.</exception>
    public static async Task<DockerArchiveSource> OpenAsync(string archive, string? image, CancellationToken cancellationToken)
    {
        var files = await TarFiles.OpenAsync(archive, cancellationToken);
        var paths = new Dictionary<Digest, string>();
        List<DockerArchiveImage> images = [];
        try
        {
            using var listing = JsonDocument.Parse(await files.ReadAsync(Listing, cancellationToken) ?? throw new ImageSourceException($"{archive} is no archive of docker: it has no {Listing}."));
            foreach (var listed in listing.RootElement.EnumerateArray())
            {
                var names = Texts(listed, "RepoTags");
                if (image is not null && !names.Contains(image)) continue;
                images.Add(new DockerArchiveImage(names, await ReadAsync(files, paths, listed, cancellationToken)));
            }

            if (image is not null && images.Count == 0) throw new ImageSourceException($"{archive} has no {image}: there are {string.Join(", ", listing.RootElement.EnumerateArray().SelectMany(l => Texts(l, "RepoTags")))}.");
            return new DockerArchiveSource(files, images, paths);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IOException)
        {
            throw new ImageSourceException($"{archive} is no archive of docker that can be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken)
    {
        var found = _images.Where(i => reference.Tag is { } tag ? i.Tags.Contains(tag) : i.Manifest.Digest == reference.Digest).Select(i => i.Manifest).DistinctBy(m => m.Digest).ToList();
        if (found.Count > 1) throw new ImageSourceException($"{_files.Place} has several images {reference}. Name one as the archive does: {string.Join(", ", _images.SelectMany(i => i.Names))}.");
        return Task.FromResult(found is [var one] ? new SourceManifest(one.MediaType, one.Payload) : null);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken) =>
        Task.FromResult(_paths.TryGetValue(blob.Digest, out var path) ? _files.Open(path, offset) : null);

    /// <inheritdoc/>
    public async IAsyncEnumerable<Tag> ListTagsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var tag in _images.SelectMany(i => i.Tags).Distinct()) yield return tag;
    }

    /// <summary>There are none: the archive has no place for them.</summary>
    public IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) => AsyncEnumerable.Empty<Descriptor>();

    private static async Task<Manifest> ReadAsync(TarFiles files, Dictionary<Digest, string> paths, JsonElement listed, CancellationToken cancellationToken)
    {
        var path = Text(listed.GetProperty("Config"));
        var bytes = await files.ReadAsync(path, cancellationToken) ?? throw Missing(files, path);
        using var config = JsonDocument.Parse(bytes);
        var digests = config.RootElement.GetProperty("rootfs").TryGetProperty("diff_ids", out var ids) && ids.ValueKind == JsonValueKind.Array ? ids.EnumerateArray().Select(i => i.GetString()).ToList() : [];
        var layers = Texts(listed, "Layers");
        if (digests.Count != layers.Count) throw new ImageSourceException($"{files.Place} lists {layers.Count} layers of an image whose config {path} has {digests.Count}.");
        var builder = ManifestBuilder.ForImage(Note(new Descriptor(MediaTypes.OciConfig, Digest.Compute(DigestAlgorithm.Sha256, bytes), bytes.Length), path));
        for (var i = 0; i < layers.Count; i++) builder.Append(Note(await DescribeAsync(files, layers[i], digests[i], cancellationToken), layers[i]));
        return builder.Build();

        Descriptor Note(Descriptor blob, string file)
        {
            paths[blob.Digest] = file;
            return blob;
        }
    }

    // A config has the digests of what is not compressed.
    private static async Task<Descriptor> DescribeAsync(TarFiles files, string path, string? contentDigest, CancellationToken cancellationToken)
    {
        var size = files.FindSize(path) ?? throw Missing(files, path);
        await using var stream = files.Open(path, 0)!;
        var start = new byte[4];
        await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        if (LayerCompression.Of(start) is { } compression) return new Descriptor($"{Layer}+{compression}", await HashAsync(files, path, cancellationToken), size);
        return Digest.TryParse(contentDigest, out var digest) ? new Descriptor(Layer, digest, size) : throw new ImageSourceException($"{files.Place} has a config whose diff_ids are no digests.");
    }

    private static async Task<Digest> HashAsync(TarFiles files, string path, CancellationToken cancellationToken)
    {
        await using var stream = files.Open(path, 0)!;
        using var hash = new OneShotHash(DigestAlgorithm.Sha256);
        var buffer = new byte[128 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var count and > 0) hash.Append(buffer.AsSpan(0, count));
        return hash.FinishDigest();
    }

    private static List<string> Texts(JsonElement item, string name) =>
        item.TryGetProperty(name, out var texts) && texts.ValueKind == JsonValueKind.Array ? [.. texts.EnumerateArray().Select(Text)] : [];

    private static string Text(JsonElement text) => text.GetString() ?? throw new JsonException("There is null where a text should be.");

    private static ImageSourceException Missing(TarFiles files, string path) => new($"{files.Place} has no {path}, though its {Listing} names it.");
}

/// <summary>An image of an archive.</summary>
/// <param name="Names">What the archive calls it, as NAME:TAG.</param>
/// <param name="Manifest">The manifest that was made for it.</param>
internal sealed record DockerArchiveImage(IReadOnlyList<string> Names, Manifest Manifest)
{
    /// <summary>The tags among its names.</summary>
    public IReadOnlyCollection<Tag> Tags { get; } = [.. Names.Select(n => Tag.TryParse(n[(n.LastIndexOf(':') + 1)..], out var tag) ? tag : (Tag?)null).OfType<Tag>()];
}
