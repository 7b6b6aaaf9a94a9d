using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;

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
    private readonly Lazy<bool> _made;
    private long _length;
    private int _writers;
    private bool _isSealed;

    public StagedFile(string folder)
    {
        _folder = folder;
        Path = System.IO.Path.Combine(folder, Guid.NewGuid().ToString("n") + Extension);
        _list = System.IO.Path.ChangeExtension(Path, ListExtension);
        _made = new(Make);
    }

    public string Path { get; }

    /// <summary>When a block last came.</summary>
    public DateTimeOffset LastUse => new FileInfo(_list) is { Exists: true } list ? list.LastWriteTimeUtc : DateTimeOffset.MaxValue;

    /// <summary>Takes room for a block, which <see cref="WriteAsync"/> must be called for.</summary>
    /// <returns>Where it lies; null when no more blocks are taken.</returns>
    public long? Take(long length)
    {
        lock (_taking)
        {
            if (_isSealed) return null;
            _writers++;
            _length += length;
            return _length - length;
        }
    }

    /// <summary>Writes a block to where there is room for it. It is on the disk before the list says that it is there.</summary>
    public async Task<bool> WriteAsync(string id, ReadOnlySequence<byte> content, long offset, CancellationToken cancellationToken)
    {
        try
        {
            _ = _made.Value;
            using (var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, FileOptions.Asynchronous))
            {
                await FileObjectStore.WriteAsync(file, content, offset, cancellationToken);
                await Task.Run(() => List(file, BlockPlace.Line(id, offset, content.Length)), CancellationToken.None);
            }

            return true;
        }
        finally
        {
            lock (_taking)
            {
                if (--_writers == 0 && _isSealed) _sealed.TrySetResult();
            }
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

    private void List(SafeFileHandle block, string line)
    {
        RandomAccess.FlushToDisk(block);
        lock (_listing)
        {
            using var list = File.OpenHandle(_list, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(list, Encoding.ASCII.GetBytes(line), RandomAccess.GetLength(list));
            RandomAccess.FlushToDisk(list);
        }
    }

    private bool Make()
    {
        Disk.CreateFolder(_folder);
        File.OpenHandle(Path, FileMode.CreateNew, FileAccess.Write).Dispose();
        File.OpenHandle(_list, FileMode.CreateNew, FileAccess.Write).Dispose();
        Disk.SyncFolder(_folder);
        return true;
    }
}
