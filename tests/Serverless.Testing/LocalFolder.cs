using Serverless.LocalStorage;

namespace Serverless.Testing;

/// <summary>Storage in a folder of its own, gone with this object.</summary>
public sealed class LocalFolder : IDisposable
{
    private const string MemoryDisk = "/dev/shm";
    private const long LeastFree = 1 << 30;

    private readonly TimeProvider _time;
    private readonly List<LocalStores> _opened = [];

    public LocalFolder()
        : this(TimeProvider.System)
    {
    }

    /// <param name="time">Dates rows and objects.</param>
    public LocalFolder(TimeProvider time)
    {
        _time = time;
        Stores = Open();
    }

    /// <summary>The folder.</summary>
    public string Path { get; } = MakeFolder();

    /// <summary>The stores in it.</summary>
    public LocalStores Stores { get; }

    /// <summary>Opens the same folder once more, as another process would.</summary>
    public LocalStores Open()
    {
        var stores = LocalStores.Open(Path, _time);
        _opened.Add(stores);
        return stores;
    }

    /// <summary>The files with blocks, lists of blocks, and objects that are being written.</summary>
    public IReadOnlyList<string> StagedFiles() => Directory.GetFiles(System.IO.Path.Combine(Path, "staging"), "*", SearchOption.AllDirectories);

    public void Dispose()
    {
        foreach (var stores in _opened) stores.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    // In memory, where there is such a disk: what is synced there costs nothing. Whether it is synced is not what these tests could see; tests/e2e/power-loss.sh does.
    private static string MakeFolder()
    {
        var root = OperatingSystem.IsLinux() && Directory.Exists(MemoryDisk) && new DriveInfo(MemoryDisk).AvailableFreeSpace > LeastFree ? MemoryDisk : System.IO.Path.GetTempPath();
        return Directory.CreateDirectory(System.IO.Path.Combine(root, $"registry-test-{Guid.NewGuid():n}")).FullName;
    }
}
