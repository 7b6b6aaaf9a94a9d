using Serverless.LocalStorage.Objects;
using Serverless.LocalStorage.Tables;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage;

/// <summary>
/// A registry's storage in one folder of a local disk: rows in a SQLite database, bytes in files. Any number of processes of this machine may have it open at once. What a call has
/// said to be done survives the end of the process and of the machine.
/// <code>
/// registry.db      rows; beside it registry.db-wal and registry.db-shm while somebody has it open
/// objects/         bytes, each object in a file of its own name
/// staging/         blocks that are no object yet
/// objects.lock     held while an object is replaced or deleted by its version
/// </code>
/// </summary>
public sealed class LocalStores : IDisposable
{
    private readonly SqliteTableStore _tables;
    private readonly FileObjectStore _objects;

    private LocalStores(SqliteTableStore tables, FileObjectStore objects) => (_tables, _objects) = (tables, objects);

    /// <summary>The rows.</summary>
    public ITableStore Tables => _tables;

    /// <summary>The bytes. It signs no URLs: whoever reads is served by the registry.</summary>
    public IObjectStore Objects => _objects;

    /// <summary>Opens the storage in a folder, and makes both where they are missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">Dates rows and objects.</param>
    /// <exception cref="LocalStorageException">It cannot be used: a network's file system, no right to write, a database that is damaged, missing beside objects, or of a newer release.</exception>
    public static LocalStores Open(string folder, TimeProvider time)
    {
        var storage = StorageFolder.Open(folder);
        var database = Database.Open(storage.DatabaseFile, mayMake: !storage.HasObjects);
        return new LocalStores(new SqliteTableStore(database, time), new FileObjectStore(storage, time));
    }

    /// <summary>Closes the database. Nobody may use the stores any more.</summary>
    public void Dispose()
    {
        _tables.Dispose();
        _objects.Dispose();
    }
}
