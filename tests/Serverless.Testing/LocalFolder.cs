using Serverless.LocalStorage;

namespace Serverless.Testing;

/// <summary>Storage in a folder of its own, gone with this object.</summary>
public sealed class LocalFolder : IDisposable
{
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
    public string Path { get; } = Directory.CreateTempSubdirectory("registry-test-").FullName;

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
}
