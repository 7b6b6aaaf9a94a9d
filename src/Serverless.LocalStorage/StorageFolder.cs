using Serverless.LocalStorage.Objects;

namespace Serverless.LocalStorage;

/// <summary>The folder that everything is in, and what it must be like.</summary>
internal sealed class StorageFolder
{
    // Names that the kernel gives to file systems beyond this machine, where locks and shared memory do not do what SQLite needs (SQLite, "How To Corrupt An SQLite Database File").
    private static readonly string[] s_beyondTheMachine = ["9p", "afs", "ceph", "cifs", "coda", "fuse", "gfs", "glusterfs", "lustre", "ncp", "nfs", "ocfs2", "smb", "v9fs", "vboxsf", "virtiofs"];

    private StorageFolder(string path) => Path = path;

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    public string DatabaseFile => System.IO.Path.Combine(Path, "registry.db");

    public string Objects => System.IO.Path.Combine(Path, "objects");

    public string Staging => System.IO.Path.Combine(Path, "staging");

    public string Lock => System.IO.Path.Combine(Path, "objects.lock");

    /// <summary>Whether there is anything among the objects.</summary>
    public bool HasObjects => Directory.EnumerateFileSystemEntries(Objects).Any();

    /// <summary>Makes the folder where it is missing, for its owner alone, and tries whether it can be written to.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="formatOf">Tells a path's file system, for tests; null: the truth.</param>
    /// <exception cref="LocalStorageException">It cannot be used.</exception>
    public static StorageFolder Open(string path, Func<string, string>? formatOf = null)
    {
        var folder = new StorageFolder(System.IO.Path.GetFullPath(path));
        try
        {
            Disk.CreateFolder(folder.Path);
            folder.DemandLocal(formatOf ?? FormatOf);
            Disk.MakeFolder(folder.Objects);
            Disk.MakeFolder(folder.Staging);
            // Also those that somebody has made who died before this.
            Disk.SyncFolder(folder.Path);
            folder.DemandWritable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalStorageException($"The folder {folder.Path} cannot be written to: {e.Message}", e);
        }

        return folder;
    }

    private static string FormatOf(string path) => new DriveInfo(path) is { DriveType: DriveType.Network } drive ? $"nfs ({drive.DriveFormat})" : new DriveInfo(path).DriveFormat;

    private void DemandLocal(Func<string, string> formatOf)
    {
        var format = formatOf(Path);
        if (s_beyondTheMachine.Any(f => format.StartsWith(f, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LocalStorageException(
                $"The folder {Path} lies on a file system of the kind {format}, which other machines may write to or which does not keep what it was told to keep. Choose a folder on a local disk, or storage on Azure.");
        }
    }

    private void DemandWritable()
    {
        var probe = System.IO.Path.Combine(Staging, $"probe-{Guid.NewGuid():n}");
        using (var file = File.OpenHandle(probe, FileMode.CreateNew, FileAccess.Write)) RandomAccess.FlushToDisk(file);
        File.Delete(probe);
    }
}
