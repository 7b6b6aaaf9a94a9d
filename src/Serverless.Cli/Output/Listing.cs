using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Serverless.Cli.Output;

/// <summary>Prints a list: a table for people, a line with tabs for each entry for scripts, JSON for programs.</summary>
internal static class Listing
{
    private const string Nothing = "-";

    /// <param name="console">Where.</param>
    /// <param name="json">Whether JSON is wanted.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="type">How they become JSON.</param>
    /// <param name="columns">The columns of a table.</param>
    public static Task WriteAsync<T>(CliConsole console, bool json, List<T> entries, JsonTypeInfo<List<T>> type, params (string Title, Func<T, string> Cell)[] columns)
    {
        if (json) return console.Out.WriteLineAsync(JsonSerializer.Serialize(entries, type));
        var rows = entries.Select(entry => columns.Select(column => column.Cell(entry)).ToArray());
        if (!console.OutIsTerminal) return console.Out.WriteAsync(string.Concat(rows.Select(row => string.Join('\t', row) + "\n")));
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns([.. columns.Select(column => column.Title)]);
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Out) }).Write(table);
        return Task.CompletedTask;
    }

    /// <summary>As the other one, of entries that are still to come: each line is printed when its entry is there, and only a table and JSON wait for all of them.</summary>
    public static async Task WriteAsync<T>(CliConsole console, bool json, IAsyncEnumerable<T> entries, JsonTypeInfo<List<T>> type, params (string Title, Func<T, string> Cell)[] columns)
    {
        if (json || console.OutIsTerminal)
        {
            await WriteAsync(console, json, await entries.ToListAsync(), type, columns);
            return;
        }

        await foreach (var entry in entries) await console.Out.WriteAsync(string.Join('\t', columns.Select(column => column.Cell(entry))) + "\n");
    }

    public static string Text(IEnumerable<string> words) => string.Join(' ', words) is { Length: > 0 } text ? text : Nothing;

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A time, UTC, to the second.</summary>
    public static string Text(DateTimeOffset? time) => time is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : Nothing;
}
