using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.LocalStorage.Objects;

/// <summary>
/// Blocks that are no object yet. Those of an object are appended, by each process to a file of its own, and a list beside the file says which lies where. What was staged in order
/// becomes the object by a new name; anything else is put together in a copy.
/// <code>
/// staging/HASH OF THE NAME/RANDOM.bytes     blocks, one after another
/// staging/HASH OF THE NAME/RANDOM.blocks    a line for each: id, offset, length, time
/// staging/put-TIME-RANDOM                   an object that is being written whole
/// </code>
/// </summary>
internal sealed class StagingArea(string root, TimeProvider time)
{
    private const int MaxTries = 5;

    // As on Azure, where blocks are gone when a week has passed since the last one came.
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_betweenSweeps = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, StagedFile> _open = new(StringComparer.Ordinal);
    private long _swept;

    /// <summary>A name for a file that will be an object. It tells its age, because a copy is as old as what it was made of.</summary>
    public string NewFile() => Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"put-{time.GetUtcNow().UtcTicks}-{Guid.NewGuid():n}"));

    /// <summary>Appends a block, which is on the disk then.</summary>
    public async Task<bool> AppendAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SweepFromTimeToTime();
        for (var i = 1; ; i++)
        {
            var (file, place) = Take(name, blockId, content.Length);
            try
            {
                return await file.WriteAsync(place, content, cancellationToken);
            }
            catch (Exception e) when (i < MaxTries && (e is FileNotFoundException or DirectoryNotFoundException))
            {
                // Another process has made the object of what was there, or dropped it, and the folder with it: a new file, in a new folder.
            }
        }
    }

    // Before anything is waited for, so that blocks that are sent in order lie in order.
    private (StagedFile File, BlockPlace Place) Take(string name, string blockId, long length)
    {
        while (true)
        {
            var file = _open.GetOrAdd(name, static (_, of) => new StagedFile(of.Folder, of.Time), (Folder: FolderOf(name), Time: time));
            if (file.Take(blockId, length) is { } place) return (file, place);
            // It became an object at this moment, or a block could not be written to it.
            _open.TryRemove(new(name, file));
        }
    }

    /// <summary>Makes one file of staged blocks.</summary>
    /// <returns>The file, on the disk and dated, and whether it is a copy, which its receiver deletes; null when a block is not there.</returns>
    public async Task<(string Path, bool IsCopy)?> JoinAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Nobody appends to it any more; only this process ever did.
        if (_open.TryRemove(name, out var own)) await own.SealAsync();
        try
        {
            var places = ReadPlaces(FolderOf(name));
            List<BlockPlace> blocks = [];
            foreach (var id in blockIds)
            {
                if (!places.TryGetValue(id, out var place)) return null;
                blocks.Add(place);
            }

            return own is not null && blocks.Count > 0 && BlockPlace.Tile(blocks, own.Path) is { } length ? (Cut(own.Path, length), false) : (await CopyAsync(blocks, cancellationToken), true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
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
        // Most objects have none.
        if (!Directory.Exists(folder)) return;
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process has dropped it at this moment.
        }
        catch (IOException)
        {
            // Another process stages a block at this moment. What is left goes when a week has passed.
        }
    }

    private static Dictionary<string, BlockPlace> ReadPlaces(string folder)
    {
        Dictionary<string, BlockPlace> places = new(StringComparer.Ordinal);
        if (!Directory.Exists(folder)) return places;
        foreach (var list in Directory.EnumerateFiles(folder, "*" + StagedFile.ListExtension))
        {
            foreach (var line in File.ReadAllText(list).Split('\n')[..^1])
            {
                if (BlockPlace.Parse(line, Path.ChangeExtension(list, StagedFile.Extension)) is not { } place) continue;
                if (!places.TryGetValue(place.Id, out var other) || other.Time <= place.Time) places[place.Id] = place;
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
        try
        {
            await using (var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                foreach (var block in blocks)
                {
                    await using var part = new FilePart(File.OpenHandle(block.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), block.Offset, block.Length);
                    await part.CopyToAsync(target, 1 << 20, cancellationToken);
                    if (part.Position != block.Length) throw new IOException($"The file {block.File} ends before the block {block.Id}.");
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
    }

    private string FolderOf(string name) => Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));

    private void SweepFromTimeToTime()
    {
        var (last, now) = (Volatile.Read(ref _swept), time.GetTimestamp());
        if ((last != 0 && time.GetElapsedTime(last, now) < s_betweenSweeps) || Interlocked.CompareExchange(ref _swept, now, last) != last) return;
        var before = time.GetUtcNow() - s_kept;
        foreach (var info in new DirectoryInfo(root).EnumerateFileSystemInfos())
        {
            if (info is FileInfo file && IsOlder(file, before)) file.Delete();
            else if (info is DirectoryInfo folder && IsOlder(folder, before)) DropFolder(folder.FullName);
        }

        foreach (var (name, staged) in _open)
        {
            if (staged.LastUse < before) _open.TryRemove(new(name, staged));
        }
    }

    private static bool IsOlder(FileInfo file, DateTimeOffset before) =>
        file.Name.Split('-') is [_, var ticks, _] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var began)
            ? began < before.UtcTicks
            : file.LastWriteTimeUtc < before;

    // A folder is written to by the first block of a process, its files by each.
    private static bool IsOlder(DirectoryInfo folder, DateTimeOffset before)
    {
        try
        {
            return folder.LastWriteTimeUtc < before && folder.EnumerateFiles().All(f => f.LastWriteTimeUtc < before);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process sweeps too, or has made an object of it.
            return false;
        }
    }
}
