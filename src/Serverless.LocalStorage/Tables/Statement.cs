using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Serverless.LocalStorage.Tables;

/// <summary>
/// A statement that is compiled once for a connection. It calls SQLite by the binding below ADO.NET, which takes a third of the time for a row: pages have a thousand.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <param name="connection">The connection.</param>
    /// <param name="text">The statement, a constant; whatever varies is a parameter.</param>
    public Statement(SqliteConnection connection, string text)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    /// <summary>Runs it for its rows. The values are in the order in which the parameters first stand in the text.</summary>
    public Rows Read(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return new Rows(this);
    }

    /// <summary>Runs it for what it does.</summary>
    public void Run(params ReadOnlySpan<object?> values)
    {
        using var rows = Read(values);
        rows.Read();
    }

    /// <summary>Runs it for one number.</summary>
    public long Number(params ReadOnlySpan<object?> values)
    {
        using var rows = Read(values);
        return rows.Read() ? rows.Number(0) : throw new InvalidOperationException("The statement has no row.");
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i] switch
            {
                null => raw.sqlite3_bind_null(_statement, i + 1),
                string text => raw.sqlite3_bind_text(_statement, i + 1, text),
                long number => raw.sqlite3_bind_int64(_statement, i + 1, number),
                int number => raw.sqlite3_bind_int(_statement, i + 1, number),
                byte[] bytes => raw.sqlite3_bind_blob(_statement, i + 1, bytes),
                var other => throw new ArgumentException($"A parameter is a {other.GetType().Name}.", nameof(values)),
            });
        }
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }

    /// <summary>The rows of a statement that runs. One run at a time; it ends with this object.</summary>
    internal readonly struct Rows(Statement statement) : IDisposable
    {
        /// <summary>Goes on to the next row.</summary>
        /// <returns>False when there is none.</returns>
        /// <exception cref="SqliteException">SQLite cannot.</exception>
        public bool Read()
        {
            var code = raw.sqlite3_step(statement._statement);
            if (code == raw.SQLITE_ROW) return true;
            if (code != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(code, statement._database);
            return false;
        }

        public string Text(int column) => raw.sqlite3_column_text(statement._statement, column).utf8_to_string();

        public long Number(int column) => raw.sqlite3_column_int64(statement._statement, column);

        public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement._statement, column).ToArray();

        public bool IsNull(int column) => raw.sqlite3_column_type(statement._statement, column) == raw.SQLITE_NULL;

        // It tells once more of what the last step has told.
        public void Dispose() => raw.sqlite3_reset(statement._statement);
    }
}
