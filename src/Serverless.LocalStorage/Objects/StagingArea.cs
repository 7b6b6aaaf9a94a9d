using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.LocalStorage.Objects;

/// <summary>
/// Blocks that are no object yet. Those of an object are appended, by each process to a file of its own, and a list beside the file says which lies where. What was staged in order
/// becomes the object by a new name; anything else is put together in a copy.
/// <code>
/// staging/HASH OF THE NAME/RANDOM.bytes     blocks, one after another
/// staging/HASH OF THE NAME/RANDOM.blocks    a line for each: id, offset, length
/// staging/put-RANDOM                        an object that is being written whole
/// </code>
/// </summary>
internal sealed class StagingArea(string root, TimeProvider time)
{
    // As on Azure, where blocks are gone when a week has passed since the last one came.
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_betweenSweeps = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, StagedFile> _open = new(StringComparer.Ordinal);
    private long _swept;

    /// <summary>A name for a file that will be an object.</summary>
    public string NewFile() => Path.Combine(root, $"put-{Guid.NewGuid():n}");

    /// <summary>Appends a block, which is on the disk then.</summary>
    public Task<bool> AppendAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SweepFromTimeToTime();
        while (true)
        {
            var file = _open.GetOrAdd(name, static (_, folder) => new StagedFile(folder), FolderOf(name));
            if (file.Take(content.Length) is { } offset) return file.WriteAsync(blockId, content, offset, cancellationToken);
            // It became an object at this moment.
            _open.TryRemove(new(name, file));
        }
    }

    /// <summary>Makes one file of staged blocks.</summary>
    /// <returns>The file, on the disk and dated; null when a block is not there.</returns>
    public async Task<string?> JoinAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Nobody appends to it any more; only this process ever did.
        if (_open.TryRemove(name, out var own)) await own.SealAsync();
        var places = ReadPlaces(FolderOf(name));
        List<BlockPlace> blocks = [];
        foreach (var id in blockIds)
        {
            if (!places.TryGetValue(id, out var place)) return null;
            blocks.Add(place);
        }

        try
        {
            return own is not null && BlockPlace.Tile(blocks, own.Path) is { } length ? Cut(own.Path, length) : await CopyAsync(blocks, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            // Another request has made the object of them.
            return null;
        }
    }

    /// <summary>Forgets all blocks of an object.</summary>
    public void Drop(string name)
    {
        _open.TryRemove(name, out _);
        DropFolder(FolderOf(name));
    }

    private static void DropFolder(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Most objects have none.
        }
    }

    private static Dictionary<string, BlockPlace> ReadPlaces(string folder)
    {
        Dictionary<string, BlockPlace> places = new(StringComparer.Ordinal);
        if (!Directory.Exists(folder)) return places;
        foreach (var list in Directory.EnumerateFiles(folder, "*" + StagedFile.ListExtension).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadAllText(list).Split('\n')[..^1])
            {
                if (BlockPlace.Parse(line, Path.ChangeExtension(list, StagedFile.Extension)) is { } place) places[place.Id] = place;
            }
        }

        return places;
    }

    private string Cut(string file, long length)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        // Blocks that are not wanted may follow.
        if (RandomAccess.GetLength(handle) != length) RandomAccess.SetLength(handle, length);
        FileVersion.Date(handle, time, null);
        RandomAccess.FlushToDisk(handle);
        return file;
    }

    private async Task<string> CopyAsync(List<BlockPlace> blocks, CancellationToken cancellationToken)
    {
        var file = NewFile();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            await using (var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                foreach (var block in blocks)
                {
                    await using var part = new FilePart(File.OpenHandle(block.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), block.Offset, block.Length);
                    await part.CopyToAsync(target, buffer.Length, cancellationToken);
                }

                FileVersion.Date(target.SafeFileHandle, time, null);
                RandomAccess.FlushToDisk(target.SafeFileHandle);
            }

            return file;
        }
        catch
        {
            File.Delete(file);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string FolderOf(string name) => Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));

    private void SweepFromTimeToTime()
    {
        var (last, now) = (Volatile.Read(ref _swept), time.GetTimestamp());
        if ((last != 0 && time.GetElapsedTime(last, now) < s_betweenSweeps) || Interlocked.CompareExchange(ref _swept, now, last) != last) return;
        var before = time.GetUtcNow() - s_kept;
        foreach (var info in new DirectoryInfo(root).EnumerateFileSystemInfos())
        {
            // A folder is written to by the first block of a process, its files by each.
            if (info is FileInfo file && file.LastWriteTimeUtc < before) file.Delete();
            else if (info is DirectoryInfo folder && folder.EnumerateFiles().All(f => f.LastWriteTimeUtc < before) && folder.LastWriteTimeUtc < before) DropFolder(folder.FullName);
        }

        foreach (var (name, staged) in _open)
        {
            if (staged.LastUse < before) _open.TryRemove(new(name, staged));
        }
    }
}
