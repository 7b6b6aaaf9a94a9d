using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Serverless.LocalStorage.Tables;

/// <summary>The SQLite database with the rows: its format, and connections to it.</summary>
internal sealed class Database
{
    // Marks the file as ours (SQLite, "PRAGMA application_id"): "sreg".
    private const int ApplicationId = 0x73726567;

    /// <summary>The format that this release writes, and the newest that it reads.</summary>
    private const int Format = 1;

    // How long somebody waits for the writer of another process, in seconds.
    private const int Patience = 20;

    private const string Schema = """
        CREATE TABLE rows (
            tbl TEXT NOT NULL,
            partition TEXT NOT NULL,
            row TEXT NOT NULL,
            etag INTEGER NOT NULL,
            time INTEGER NOT NULL,
            properties BLOB NOT NULL,
            large INTEGER,
            PRIMARY KEY (tbl, partition, row)
        ) WITHOUT ROWID;
        CREATE TABLE large (id INTEGER PRIMARY KEY, properties BLOB NOT NULL);
        """;

    private readonly string _connectionString;

    private Database(string file) =>
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = Patience }.ConnectionString;

    /// <summary>Opens the database in a file, and makes it where it is missing.</summary>
    /// <exception cref="LocalStorageException">It is damaged, somebody else's, of a newer release, or cannot be written to.</exception>
    public static Database Open(string file)
    {
        Batteries_V2.Init();
        var database = new Database(file);
        try
        {
            using var connection = database.Connect();
            Prepare(connection, file);
        }
        catch (SqliteException e)
        {
            throw new LocalStorageException($"The database {file} cannot be used: {LocalFailure.Describe(e)}", e);
        }

        return database;
    }

    /// <summary>A connection of the caller's own. Everything that it writes is on the disk when its transaction has ended.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            // The write-ahead log lets others read while one writes. FULL: each commit waits for the disk. Negative: KiB, of pages that are kept in memory.
            Execute(connection, "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Prepare(SqliteConnection connection, string file)
    {
        if (Read(connection, "application_id") is var id && id == ApplicationId) DemandFormat(connection, file);
        else if (id != 0 || !IsEmpty(connection)) throw new LocalStorageException($"The file {file} is a SQLite database, but not of a registry.");
        else Make(connection, file);
    }

    private static void Make(SqliteConnection connection, string file)
    {
        // Another process may be at it.
        using var transaction = connection.BeginTransaction(deferred: false);
        if (IsEmpty(connection, transaction))
        {
            Execute(connection, Schema, transaction);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Format}"), transaction);
        }

        transaction.Commit();
        DemandFormat(connection, file);
    }

    private static void DemandFormat(SqliteConnection connection, string file)
    {
        var format = Read(connection, "user_version");
        if (format > Format) throw new LocalStorageException($"The database {file} has the format {format}, and this release knows {Format}: a newer release is needed.");
    }

    private static bool IsEmpty(SqliteConnection connection, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT count(*) FROM sqlite_master";
        return (long)command.ExecuteScalar()! == 0;
    }

    private static long Read(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA " + pragma;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string statements, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
