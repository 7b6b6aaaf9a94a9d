using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Objects;

/// <summary>
/// <see cref="IObjectStore"/> on files. An object is written under another name, brought to the disk, and then given its own: nobody sees a part of it, and none is lost that was said to
/// be there.
/// </summary>
/// <param name="folder">Where they are.</param>
/// <param name="time">Dates objects.</param>
internal sealed class FileObjectStore(StorageFolder folder, TimeProvider time) : IObjectStore, IDisposable
{
    // Bytes of a file that are written by one call. For so many, Linux takes pages that it has at hand, still in the processor's cache; for more it looks for larger ones, in memory that
    // nobody has used for a while: a block in one call took six times the CPU.
    private const int MaxPiece = 32 * 1024;

    private readonly ObjectNames _names = new(folder.Objects);
    private readonly ObjectFolders _folders = new(folder.Objects);
    private readonly StagingArea _staging = new(folder.Staging, time);
    private readonly FolderLock _lock = new(folder.Lock);

    /// <inheritdoc/>
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) => LocalFailure.GuardWaitAsync(async () =>
    {
        var target = _names.FileOf(name);
        if (File.Exists(target)) return Exists(target);
        var file = _staging.NewFile();
        try
        {
            using (var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write))
            {
                Write(handle, content, 0, cancellationToken);
                FileVersion.Date(handle, time, null);
                RandomAccess.FlushToDisk(handle);
            }

            return Place(file, target);
        }
        finally
        {
            File.Delete(file);
        }
    });

    /// <inheritdoc/>
    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        if (content.IsEmpty) throw new ArgumentException("A block cannot be empty.", nameof(content));
        _ = _names.FileOf(name);
        // The block gets its place before this call is waited for: blocks that are sent in order lie in order.
        return LocalFailure.GuardAsync(() => _staging.AppendAsync(name, blockId, content, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) => LocalFailure.GuardWaitAsync(async () =>
    {
        var target = _names.FileOf(name);
        if (File.Exists(target)) return Exists(target);
        var joined = await _staging.JoinAsync(name, blockIds, cancellationToken);
        // Another request may have committed the same blocks meanwhile.
        if (joined is not { } file) return File.Exists(target) ? Exists(target) : WriteOutcome.NotFound;
        try
        {
            var outcome = Place(file.Path, target);
            _staging.Drop(name);
            return outcome;
        }
        finally
        {
            if (file.IsCopy) File.Delete(file.Path);
        }
    });

    /// <inheritdoc/>
    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) => LocalFailure.GuardWaitAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (from, to) = (_names.FileOf(source), _names.FileOf(target));
        if (!File.Exists(from)) return WriteOutcome.NotFound;
        if (etag is null && File.Exists(to)) return Exists(to);
        var file = _staging.NewFile();
        try
        {
            // The system copies, or on some file systems shares the bytes.
            File.Copy(from, file);
            if (etag is not null) return await ReplaceAsync(file, target, to, etag, cancellationToken);
            Finish(file, null);
            return Place(file, to);
        }
        catch (FileNotFoundException)
        {
            return WriteOutcome.NotFound;
        }
        finally
        {
            File.Delete(file);
        }
    });

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => LocalFailure.GuardAsync(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(FileVersion.Find(name, new FileInfo(_names.FileOf(name))));
    });

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) => LocalFailure.GuardAsync(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Whoever deletes it does not wait for readers, who read it to its end.
            var file = File.OpenHandle(_names.FileOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
            return Task.FromResult<Stream?>(new FilePart(file, offset, length ?? (RandomAccess.GetLength(file) - offset)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    });

    /// <inheritdoc/>
    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) => LocalFailure.GuardWaitAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        _staging.Drop(name);
        var file = new FileInfo(_names.FileOf(name));
        using var held = etag is null ? null : await _lock.TakeAsync(cancellationToken);
        if (FileVersion.Find(name, file) is not { } found) return WriteOutcome.NotFound;
        if (etag is not null && etag != found.ETag) return WriteOutcome.ETagMismatch;
        file.Delete();
        Disk.SyncFolder(file.DirectoryName!);
        return WriteOutcome.Done;
    });

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var found = _names.List(prefix).GetEnumerator();
        while (await LocalFailure.GuardAsync(() => Task.FromResult(found.MoveNext())))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (FileVersion.Find(found.Current.Name, found.Current.File) is { } item) yield return item;
        }
    }

    /// <inheritdoc/>
    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => ValueTask.FromResult<Uri?>(null);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>Writes all of a sequence, and waits for the disk where there is no memory for more.</summary>
    internal static void Write(SafeFileHandle file, ReadOnlySequence<byte> content, long offset, CancellationToken cancellationToken)
    {
        foreach (var part in content)
        {
            for (var left = part; !left.IsEmpty;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = left[..Math.Min(left.Length, MaxPiece)];
                RandomAccess.Write(file, piece.Span, offset);
                offset += piece.Length;
                left = left[piece.Length..];
            }
        }
    }

    // Gives a file that is on the disk the name of an object, if there is none of that name.
    private WriteOutcome Place(string file, string target)
    {
        var parent = Path.GetDirectoryName(target)!;
        _folders.Demand(parent);
        if (!Disk.TryName(file, target)) return Exists(target);
        Disk.SyncFolder(parent);
        return WriteOutcome.Done;
    }

    // Whoever relies on an object that is there relies on its name, which may not be on the disk yet: its writer may be about to see to that, or have died before.
    private WriteOutcome Exists(string target)
    {
        var parent = Path.GetDirectoryName(target)!;
        _folders.Demand(parent);
        Disk.SyncFolder(parent);
        return WriteOutcome.Exists;
    }

    private async Task<WriteOutcome> ReplaceAsync(string file, string name, string target, string etag, CancellationToken cancellationToken)
    {
        using var held = await _lock.TakeAsync(cancellationToken);
        // As on Azure: a version is wanted, and there is none.
        if (FileVersion.Find(name, new FileInfo(target)) is not { } old || old.ETag != etag) return WriteOutcome.ETagMismatch;
        Finish(file, old);
        File.Move(file, target, overwrite: true);
        Disk.SyncFolder(Path.GetDirectoryName(target)!);
        return WriteOutcome.Done;
    }

    private void Finish(string file, StoredObject? replaced)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        FileVersion.Date(handle, time, replaced);
        RandomAccess.FlushToDisk(handle);
    }
}
