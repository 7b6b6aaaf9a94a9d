using System.Buffers;
using System.Text;

namespace Serverless.LocalStorage.Objects;

/// <summary>The file to which this process appends the blocks of one object.</summary>
internal sealed class StagedFile
{
    public const string Extension = ".bytes";
    public const string ListExtension = ".blocks";

    private readonly Lock _taking = new();
    private readonly Lock _listing = new();
    private readonly TaskCompletionSource _sealed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _folder;
    private readonly string _list;
    private readonly TimeProvider _time;
    private readonly Lazy<bool> _made;
    private long _length;
    private long _listed;
    private int _writers;
    private bool _isSealed;
    private long _lastUse;

    /// <param name="folder">The folder of the object's blocks.</param>
    /// <param name="time">Tells which block is the latest.</param>
    public StagedFile(string folder, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        Path = System.IO.Path.Combine(folder, Guid.NewGuid().ToString("n") + Extension);
        _list = System.IO.Path.ChangeExtension(Path, ListExtension);
        _made = new(Make);
    }

    public string Path { get; }

    /// <summary>When a block last came.</summary>
    public DateTimeOffset LastUse => new(Volatile.Read(ref _lastUse), TimeSpan.Zero);

    /// <summary>Takes room for a block, which <see cref="WriteAsync"/> must be called for.</summary>
    /// <returns>Where it lies; null when no more blocks are taken.</returns>
    public BlockPlace? Take(string id, long length)
    {
        lock (_taking)
        {
            if (_isSealed) return null;
            _writers++;
            _length += length;
            _lastUse = _time.GetUtcNow().UtcTicks;
            return new BlockPlace(id, Path, _length - length, length, _lastUse);
        }
    }

    /// <summary>Writes a block to where there is room for it. It is on the disk before the list says that it is there.</summary>
    public async Task<bool> WriteAsync(BlockPlace place, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        var written = false;
        try
        {
            await DiskThreads.Files.RunAsync(() => Write(place, content, cancellationToken));
            return written = true;
        }
        finally
        {
            Leave(written);
        }
    }

    /// <summary>Takes no more blocks, and waits for those that are being written.</summary>
    public Task SealAsync()
    {
        lock (_taking)
        {
            _isSealed = true;
            return _writers == 0 ? Task.CompletedTask : _sealed.Task;
        }
    }

    private void Leave(bool written)
    {
        lock (_taking)
        {
            // What a failure has left here, a hole or half a line, or why it failed, is nothing to build on: the next block begins another file.
            if (!written) _isSealed = true;
            if (--_writers == 0 && _isSealed) _sealed.TrySetResult();
        }
    }

    private void Write(BlockPlace place, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        _ = _made.Value;
        using (var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            FileObjectStore.Write(file, content, place.Offset, cancellationToken);
            RandomAccess.FlushToDisk(file);
        }

        List(place.Line());
    }

    private void List(string line)
    {
        var bytes = Encoding.ASCII.GetBytes(line);
        lock (_listing)
        {
            // Over what is left of a line that could not be written.
            using var list = File.OpenHandle(_list, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(list, bytes, _listed);
            RandomAccess.FlushToDisk(list);
            _listed += bytes.Length;
        }
    }

    private bool Make()
    {
        Disk.MakeFolder(_folder);
        File.OpenHandle(Path, FileMode.CreateNew, FileAccess.Write).Dispose();
        File.OpenHandle(_list, FileMode.CreateNew, FileAccess.Write).Dispose();
        Disk.SyncFolder(_folder);
        // Whoever has made the folder may have died before this.
        Disk.SyncFolder(System.IO.Path.GetDirectoryName(_folder)!);
        return true;
    }
}
