using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>Images in an OCI image layout (OCI image specification 1.1.1, image-layout.md), as buildah, skopeo, oras and docker write it: in a folder, or in a tar archive of one.</summary>
public sealed class LayoutSource : IImageSource
{
    private readonly ImageFiles _files;
    private readonly IReadOnlyList<Descriptor> _entries;
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly Lazy<Task<ILookup<Digest, Descriptor>>> _referrers;

    private LayoutSource(ImageFiles files, IReadOnlyList<Descriptor> entries)
    {
        (_files, _entries) = (files, entries);
        _referrers = new Lazy<Task<ILookup<Digest, Descriptor>>>(ReadReferrersAsync);
    }

    /// <summary>The only image, whatever it is called: what refers to it has no name. Null when there are none or several.</summary>
    public Digest? Single => SingleOf(_entries.Where(e => LayoutPaths.NameOf(e) is not null)) ?? SingleOf(_entries);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Opens a layout in a folder.</summary>
    /// <exception cref="ImageSourceException">The folder is none.</exception>
    public static Task<LayoutSource> OpenAsync(string folder, CancellationToken cancellationToken) => OpenAsync(new FolderFiles(folder), cancellationToken);

    /// <summary>Opens a layout in a tar archive, which is not unpacked and must not be compressed.</summary>
    /// <exception cref="ImageSourceException">There is none in it.</exception>
    public static async Task<LayoutSource> OpenArchiveAsync(string archive, CancellationToken cancellationToken) =>
        await OpenAsync(await TarFiles.OpenAsync(archive, cancellationToken), cancellationToken);

    /// <summary>Whether a tar archive has a layout in it.</summary>
    /// <exception cref="ImageSourceException">It is no tar archive.</exception>
    public static async Task<bool> IsInArchiveAsync(string archive, CancellationToken cancellationToken)
    {
        var files = await TarFiles.OpenAsync(archive, cancellationToken);
        return files.FindSize(LayoutPaths.Marker) is not null && files.FindSize(LayoutPaths.Index) is not null;
    }

    /// <inheritdoc/>
    public async Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken)
    {
        var entry = _entries.FirstOrDefault(e => reference.Tag is { } tag ? LayoutPaths.NameOf(e) == tag.ToString() : e.Digest == reference.Digest);
        if (reference.Tag is not null && entry is null) return null;
        var digest = entry?.Digest ?? reference.Digest!.Value;
        if (await _files.ReadAsync(LayoutPaths.Of(digest), cancellationToken) is not { } payload) return null;
        return digest.Matches(payload) ? new SourceManifest(entry?.MediaType, payload) : throw new ImageSourceException($"The file of {digest} in {_files.Place} holds something else.");
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken) => Task.FromResult(_files.Open(LayoutPaths.Of(blob.Digest), offset));

    /// <inheritdoc/>
    public async IAsyncEnumerable<Tag> ListTagsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var entry in _entries)
        {
            if (Tag.TryParse(LayoutPaths.NameOf(entry), out var tag)) yield return tag;
        }
    }

    /// <summary>Lists the entries of index.json whose manifests refer to the subject: they stand beside it (image-layout.md, "index.json file").</summary>
    public async IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var referrers = await _referrers.Value.WaitAsync(cancellationToken);
        foreach (var referrer in referrers[subject]) yield return referrer;
    }

    private static Digest? SingleOf(IEnumerable<Descriptor> entries) => entries.Select(e => e.Digest).Distinct().ToList() is [var one] ? one : null;

    private static async Task<LayoutSource> OpenAsync(ImageFiles files, CancellationToken cancellationToken)
    {
        try
        {
            using var layout = JsonDocument.Parse(await GetAsync(files, LayoutPaths.Marker, cancellationToken));
            if (layout.RootElement.GetProperty("imageLayoutVersion").GetString() != LayoutPaths.Version) throw new ImageSourceException($"{files.Place} is a layout of another version than {LayoutPaths.Version}.");
            var index = ManifestTypes.Default.Parse(MediaTypes.OciIndex, await GetAsync(files, LayoutPaths.Index, cancellationToken));
            return new LayoutSource(files, index.Content.Manifests);
        }
        catch (Exception e) when (e is JsonException or RegistryException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ImageSourceException($"{files.Place} is no OCI image layout: {e.Message}", e);
        }
    }

    private static async Task<byte[]> GetAsync(ImageFiles files, string path, CancellationToken cancellationToken) =>
        await files.ReadAsync(path, cancellationToken) ?? throw new ImageSourceException($"{files.Place} is no OCI image layout: it has no {path}.");

    // Each manifest is read once, however many images there are. It is no reason not to copy the others that one cannot be read.
    private async Task<ILookup<Digest, Descriptor>> ReadReferrersAsync()
    {
        List<(Digest Subject, Descriptor Referrer)> referrers = [];
        foreach (var entry in _entries.Where(e => ManifestTypes.Default.Contains(e.MediaType)).DistinctBy(e => e.Digest))
        {
            try
            {
                if (await FindManifestAsync(new Reference(entry.Digest), CancellationToken.None) is not { } found) continue;
                var manifest = ManifestTypes.Default.Parse(found.MediaType, found.Payload, entry.Digest.Algorithm);
                if (manifest.Content.Subject is { } subject) referrers.Add((subject.Digest, entry));
            }
            catch (Exception e) when (e is RegistryException or ImageSourceException)
            {
                _problems.Enqueue($"Nobody can tell whether {entry.Digest} refers to anything: {e.Message}");
            }
        }

        return referrers.ToLookup(r => r.Subject, r => r.Referrer);
    }
}
