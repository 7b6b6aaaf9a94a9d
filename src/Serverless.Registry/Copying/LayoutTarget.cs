using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>
/// An OCI image layout in a folder, new or old. Each file is written beside its place and renamed when it is whole, and index.json after all that it names, so that wherever a copy ends the
/// layout is valid and has no half files under their names. What others have written into index.json stays.
/// </summary>
public sealed class LayoutTarget : IImageTarget, IDisposable
{
    private const string Partial = ".registry-copy";
    private const int BufferSize = 256 * 1024;

    private readonly string _folder;
    private readonly FileStream? _lock;
    private readonly FolderFiles _files;
    private readonly SharedLimit _index = new(1);
    private readonly ConcurrentDictionary<Digest, bool> _whole = new();

    private LayoutTarget(string folder, FileStream? hold) => (_folder, _lock, _files) = (folder, hold, new FolderFiles(folder));

    /// <summary>Opens a layout, or makes one of a folder that is empty or not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isDryRun">Whether nothing is to be written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ImageSourceException">The folder holds something else, or another copy writes to it.</exception>
    public static async Task<LayoutTarget> OpenAsync(string folder, bool isDryRun, CancellationToken cancellationToken)
    {
        try
        {
            var marker = Path.Combine(folder, LayoutPaths.Marker);
            if (File.Exists(marker)) await LayoutSource.OpenAsync(folder, cancellationToken);
            else if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(e => Path.GetFileName(e) != Partial)) throw new ImageSourceException($"{folder} is not empty and no OCI image layout.");
            if (isDryRun) return new LayoutTarget(folder, null);
            var partial = Directory.CreateDirectory(Path.Combine(folder, Partial)).FullName;
            var hold = new FileStream(Path.Combine(partial, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            // What a copy has left that was cut off.
            foreach (var left in Directory.EnumerateFiles(partial, "*.part")) File.Delete(left);
            var target = new LayoutTarget(folder, hold);
            if (!File.Exists(marker))
            {
                await target.WriteAsync(LayoutPaths.Index, new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray() }.ToJsonString(), cancellationToken);
                await target.WriteAsync(LayoutPaths.Marker, $$"""{"imageLayoutVersion":"{{LayoutPaths.Version}}"}""", cancellationToken);
            }

            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageSourceException($"{folder} cannot be written to: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_lock is null) return;
        _lock.Dispose();
        try
        {
            Directory.Delete(Path.Combine(_folder, Partial));
        }
        catch (IOException)
        {
            // Another copy has begun, and works there.
        }
    }

    /// <inheritdoc/>
    public Task<bool> HasAsync(Manifest manifest, CancellationToken cancellationToken) => IsWholeAsync(manifest.Descriptor, cancellationToken);

    /// <inheritdoc/>
    public Task CheckAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<bool> KeepBlobAsync(Descriptor blob, bool isDryRun, CancellationToken cancellationToken) => Task.FromResult(IsThere(blob));

    /// <inheritdoc/>
    public async Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        using var hash = new OneShotHash(blob.Digest.Algorithm);
        await WriteAsync(
            LayoutPaths.Of(blob.Digest),
            async file =>
            {
                var buffer = new byte[BufferSize];
                while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
                {
                    hash.Append(buffer.AsSpan(0, count));
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }

                if (hash.FinishDigest() != blob.Digest) throw new ImageSourceException($"The source sent other bytes than those of {blob.Digest}.");
            });
    }

    /// <inheritdoc/>
    public async Task PutManifestAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken)
    {
        await WriteAsync(LayoutPaths.Of(manifest.Digest), file => file.WriteAsync(manifest.Payload, cancellationToken).AsTask());
        _whole[manifest.Digest] = true;
        foreach (var tag in tags) await PutTagAsync(tag, manifest, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Digest?> FindTagAsync(Tag tag, CancellationToken cancellationToken) =>
        Entries(await ReadIndexAsync(cancellationToken)).FirstOrDefault(e => NameOf(e) == tag.ToString()) is { } entry && Digest.TryParse(DigestOf(entry), out var digest) ? digest : null;

    /// <inheritdoc/>
    public Task PutTagAsync(Tag tag, Manifest manifest, CancellationToken cancellationToken) => ChangeIndexAsync(
        entries =>
        {
            foreach (var old in entries.Where(e => NameOf(e) == tag.ToString()).ToList()) entries.Remove(old);
            var entry = NewEntry(manifest);
            entry["annotations"] = new JsonObject { [LayoutPaths.NameAnnotation] = tag.ToString() };
            entries.Add((JsonNode)entry);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task ListReferrerAsync(Manifest referrer, CancellationToken cancellationToken) => ChangeIndexAsync(
        entries =>
        {
            if (entries.Any(e => DigestOf(e) == referrer.Digest.ToString())) return;
            var entry = NewEntry(referrer);
            if (referrer.Content.ArtifactType is { } type) entry["artifactType"] = type;
            entries.Add((JsonNode)entry);
        },
        cancellationToken);

    // Files that others wrote may name what is not there: an index without some of its images is a valid layout.
    private async Task<bool> IsWholeAsync(Descriptor named, CancellationToken cancellationToken)
    {
        if (_whole.ContainsKey(named.Digest)) return true;
        if (!IsThere(named)) return false;
        if (ManifestTypes.Default.Contains(named.MediaType))
        {
            var payload = await _files.ReadAsync(LayoutPaths.Of(named.Digest), cancellationToken);
            if (payload is null || !named.Digest.Matches(payload)) return false;
            foreach (var reference in ManifestTypes.Default.Parse(named.MediaType, payload, named.Digest.Algorithm).References.Where(r => !r.MayBeAbsent))
            {
                if (!await IsWholeAsync(reference, cancellationToken)) return false;
            }

            _whole[named.Digest] = true;
        }

        return true;
    }

    private bool IsThere(Descriptor named) => _files.FindSize(LayoutPaths.Of(named.Digest)) is { } size && (named.Size == 0 || size == named.Size);

    private async Task<JsonObject> ReadIndexAsync(CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse(await _files.ReadAsync(LayoutPaths.Index, cancellationToken) ?? throw new ImageSourceException($"{_folder} has lost its {LayoutPaths.Index}.")) as JsonObject
                ?? throw new ImageSourceException($"The {LayoutPaths.Index} of {_folder} is no object.");
        }
        catch (JsonException e)
        {
            throw new ImageSourceException($"The {LayoutPaths.Index} of {_folder} cannot be read: {e.Message}", e);
        }
    }

    // It is read and written back, which two at once must not do.
    private Task ChangeIndexAsync(Action<JsonArray> change, CancellationToken cancellationToken) => _index.RunAsync(() => ChangeIndexNowAsync(change, cancellationToken), cancellationToken);

    private async Task<bool> ChangeIndexNowAsync(Action<JsonArray> change, CancellationToken cancellationToken)
    {
        var index = await ReadIndexAsync(cancellationToken);
        change(Entries(index));
        await WriteAsync(LayoutPaths.Index, index.ToJsonString(), cancellationToken);
        return true;
    }

    private static JsonArray Entries(JsonObject index)
    {
        if (index["manifests"] is JsonArray entries) return entries;
        var none = new JsonArray();
        index["manifests"] = none;
        return none;
    }

    private static JsonObject NewEntry(Manifest manifest) => new() { ["mediaType"] = manifest.MediaType, ["digest"] = manifest.Digest.ToString(), ["size"] = manifest.Payload.Length };

    private static string? NameOf(JsonNode? entry) => entry?["annotations"]?[LayoutPaths.NameAnnotation]?.GetValue<string>();

    private static string? DigestOf(JsonNode? entry) => entry?["digest"]?.GetValue<string>();

    private Task WriteAsync(string path, string text, CancellationToken cancellationToken) =>
        WriteAsync(path, file => file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask());

    private async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        var place = Path.Combine(_folder, path);
        var partial = Path.Combine(_folder, Partial, $"{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                await write(file);
                // A name must not reach the disk before its bytes.
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, place, overwrite: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not EndOfStreamException))
        {
            throw new ImageSourceException($"{place} cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
