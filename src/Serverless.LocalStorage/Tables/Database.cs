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
    /// <param name="file">The file.</param>
    /// <param name="mayMake">Whether there may be none yet.</param>
    /// <exception cref="LocalStorageException">It is damaged, missing, somebody else's, of a newer release, or cannot be written to.</exception>
    public static Database Open(string file, bool mayMake = true)
    {
        Batteries_V2.Init();
        var database = new Database(file);
        try
        {
            // Nothing of the file is changed before it is known to be ours: not even how it keeps its log.
            bool isOurs;
            using (var connection = database.OpenPlain()) isOurs = Examine(connection, file, mayMake);
            using (var connection = database.Connect())
            {
                if (!isOurs) Make(connection, file);
            }
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
        var connection = OpenPlain();
        try
        {
            // The write-ahead log lets others read while one writes. FULL: each commit waits for the disk, which on macOS keeps what it was told only when asked by another call.
            // Negative: KiB, of pages that are kept in memory.
            Execute(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {Patience * 1000};") + """
                 PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
                PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SqliteConnection OpenPlain()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <returns>Whether it is a registry's; not when it is empty.</returns>
    private static bool Examine(SqliteConnection connection, string file, bool mayMake)
    {
        // In this order: another process may be making it.
        var isEmpty = IsEmpty(connection);
        var isOurs = Read(connection, "application_id") == ApplicationId;
        if (isOurs)
        {
            DemandFormat(connection, file);
        }
        else if (!isEmpty)
        {
            throw new LocalStorageException($"The file {file} is a SQLite database, but not of a registry. Choose another folder, or move the file away.");
        }
        else if (!mayMake)
        {
            throw new LocalStorageException(
                $"The database {file} is missing or empty, though objects are beside it: without it nobody knows what they are. Restore it from a backup; to begin with an empty registry, move the objects away.");
        }

        if (raw.sqlite3_db_readonly(connection.Handle, "main") != 0) throw new LocalStorageException($"The database {file} cannot be written to: the disk or the file is read-only.");
        return isOurs;
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
