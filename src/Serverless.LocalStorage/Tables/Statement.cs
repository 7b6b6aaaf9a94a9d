using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Serverless.LocalStorage.Tables;

/// <summary>A statement that is compiled once for a connection.</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "Every text is a constant of this project; whatever varies is a parameter.")]
    public Statement(SqliteConnection connection, string text, params ReadOnlySpan<string> parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = text;
        foreach (var parameter in parameters) _command.Parameters.Add(new SqliteParameter { ParameterName = parameter, Value = DBNull.Value });
        _command.Prepare();
    }

    /// <summary>Runs it for its rows. The values are in the order of the parameters.</summary>
    public SqliteDataReader Read(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    /// <summary>Runs it for what it does.</summary>
    public void Run(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        _command.ExecuteNonQuery();
    }

    /// <summary>Runs it for one number.</summary>
    public long Number(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return (long)_command.ExecuteScalar()!;
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }
}
