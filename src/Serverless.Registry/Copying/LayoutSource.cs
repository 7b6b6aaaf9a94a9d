using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>Images in a folder (OCI image specification 1.1.1, image-layout.md), or in what buildah, skopeo and oras write there.</summary>
public sealed class LayoutSource : IImageSource
{
    // Where tools keep the tag of an entry of index.json.
    private const string NameAnnotation = "org.opencontainers.image.ref.name";

    // No manifest is larger anywhere.
    private const int MaxManifest = 16 * 1024 * 1024;

    private readonly string _folder;
    private readonly IReadOnlyList<Descriptor> _entries;

    private LayoutSource(string folder, IReadOnlyList<Descriptor> entries) => (_folder, _entries) = (folder, entries);

    /// <summary>Opens a layout.</summary>
    /// <exception cref="ImageSourceException">The folder is none.</exception>
    public static async Task<LayoutSource> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var layout = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "oci-layout"), cancellationToken));
            if (!layout.RootElement.TryGetProperty("imageLayoutVersion", out var version) || version.GetString() != "1.0.0") throw new ImageSourceException($"{folder} is a layout of another version than 1.0.0.");
            var index = ManifestTypes.Default.Parse(MediaTypes.OciIndex, await File.ReadAllBytesAsync(Path.Combine(folder, "index.json"), cancellationToken));
            return new LayoutSource(folder, index.Content.Manifests);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or RegistryException or InvalidOperationException)
        {
            throw new ImageSourceException($"{folder} is no OCI image layout: {e.Message}", e);
        }
    }

    /// <summary>The only image, whatever it is called; null when there are none or several.</summary>
    public Digest? Single => _entries.Select(e => e.Digest).Distinct().ToList() is [var one] ? one : null;

    /// <inheritdoc/>
    public async Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken)
    {
        var entry = _entries.FirstOrDefault(e => reference.Tag is { } tag ? NameOf(e) == tag.ToString() : e.Digest == reference.Digest);
        if (reference.Tag is not null && entry is null) return null;
        var digest = entry?.Digest ?? reference.Digest!.Value;
        try
        {
            var file = new FileInfo(PathOf(digest));
            if (!file.Exists) return null;
            if (file.Length > MaxManifest) throw new ImageSourceException($"The manifest {digest} has more than {MaxManifest} bytes.");
            var payload = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
            return digest.Matches(payload) ? new SourceManifest(entry?.MediaType, payload) : throw new ImageSourceException($"The file of {digest} holds something else.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageSourceException($"{digest} cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(PathOf(blob.Digest), FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
            file.Position = offset;
            return Task.FromResult<Stream?>(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageSourceException($"{blob.Digest} cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Tag> ListTagsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var entry in _entries)
        {
            if (Tag.TryParse(NameOf(entry), out var tag)) yield return tag;
        }
    }

    /// <summary>Lists the entries of index.json whose manifests refer to the subject: they stand beside it (image-layout.md, "index.json file").</summary>
    public async IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in _entries.Where(e => ManifestTypes.Default.Contains(e.MediaType)))
        {
            if (await FindManifestAsync(new Reference(entry.Digest), cancellationToken) is not { } found) continue;
            if (ManifestTypes.Default.Parse(found.MediaType, found.Payload, entry.Digest.Algorithm).Content.Subject?.Digest == subject) yield return entry;
        }
    }

    private string PathOf(Digest digest)
    {
        // A digest has no characters but these, so no path leads out of the folder.
        var parts = digest.ToString().Split(':');
        return Path.Combine(_folder, "blobs", parts[0], parts[1]);
    }

    private static string? NameOf(Descriptor entry) => entry.Annotations?.GetValueOrDefault(NameAnnotation);
}
