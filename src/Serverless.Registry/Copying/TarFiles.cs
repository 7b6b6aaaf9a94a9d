using System.Formats.Tar;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Copying;

/// <summary>Files in a tar archive, which is never unpacked: its headers are read once, and each file where it lies. Links, by which archives name a layer twice, lead to other files of the archive.</summary>
internal sealed class TarFiles : ImageFiles
{
    // Files of an image are a few hundred. What has more is something else, and each takes memory.
    private const int MaxEntries = 1_000_000;
    private const int MaxLinks = 16;

    private readonly string _archive;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private TarFiles(string archive) => _archive = archive;

    public override string Place => _archive;

    /// <summary>Reads the headers of an archive.</summary>
    /// <exception cref="ImageSourceException">It is none, or is compressed.</exception>
    public static async Task<TarFiles> OpenAsync(string archive, CancellationToken cancellationToken)
    {
        var files = new TarFiles(archive);
        try
        {
            await using var stream = OpenFile(archive, 0);
            await RefuseCompressedAsync(archive, stream, cancellationToken);
            await using var buffered = new BufferedStream(stream, 4096);
            await using var tar = new TarReader(buffered, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (files._entries.Count == MaxEntries) throw new ImageSourceException($"{archive} has more than {MaxEntries} files, which no archive of images has.");
                files.Add(entry);
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or NotSupportedException or ArgumentException)
        {
            throw new ImageSourceException($"{archive} is no tar archive that can be read: {e.Message}", e);
        }
    }

    public override long? FindSize(string path) => Find(path)?.Length;

    protected override Stream? OpenNow(string path, long offset) => Find(path) is { } entry ? new Part(OpenFile(_archive, entry.Offset + offset), entry.Length - offset) : null;

    private static async Task RefuseCompressedAsync(string archive, FileStream stream, CancellationToken cancellationToken)
    {
        var start = new byte[4];
        await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        stream.Position = 0;
        if (LayerCompression.Of(start) is { } compression) throw new ImageSourceException($"{archive} is compressed by {compression}. Decompress it first: files are read where they lie in it.");
    }

    // Of two of the same name the later one counts, as if they were unpacked.
    private void Add(TarEntry entry)
    {
        var name = Normalize("", entry.Name);
        if (name is null) return;
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                _entries[name] = new Entry(entry.DataOffset, entry.Length, null);
                break;
            case TarEntryType.HardLink when Normalize("", entry.LinkName) is { } target:
                _entries[name] = new Entry(0, 0, target);
                break;
            case TarEntryType.SymbolicLink when Normalize(name.Contains('/', StringComparison.Ordinal) ? name[..name.LastIndexOf('/')] : "", entry.LinkName) is { } target:
                _entries[name] = new Entry(0, 0, target);
                break;
        }
    }

    private Entry? Find(string path)
    {
        for (var left = MaxLinks; left > 0 && Normalize("", path) is { } name && _entries.TryGetValue(name, out var entry); left--)
        {
            if (entry.Link is null) return entry;
            path = entry.Link;
        }

        return null;
    }

    /// <returns>The path from the root of the archive; null when it leads out of it.</returns>
    private static string? Normalize(string folder, string path)
    {
        List<string> parts = path.StartsWith('/') ? [] : [.. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else return null;
        }

        return string.Join('/', parts);
    }

    private sealed record Entry(long Offset, long Length, string? Link);

    // One file of the archive, to its end.
    private sealed class Part(FileStream archive, long left) : DownloadStream
    {
        private long _left = left;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left <= 0 || buffer.IsEmpty) return 0;
            var count = await archive.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            if (count == 0) throw new EndOfStreamException("The archive ends within a file.");
            _left -= count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) archive.Dispose();
            base.Dispose(disposing);
        }
    }
}
