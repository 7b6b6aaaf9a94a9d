using System.Globalization;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Tables;

/// <summary>A row as it lies in the database.</summary>
/// <param name="Key">Its address.</param>
/// <param name="ETag">A random number, another with each write.</param>
/// <param name="Time">When it was written, in ticks of UTC.</param>
/// <param name="Properties">Its properties but the large ones; see <see cref="RowFormat"/>.</param>
/// <param name="Large">The number under which the large ones lie; null: it has none.</param>
/// <param name="LargeProperties">The large ones; null where they were not read.</param>
internal readonly record struct StoredRow(RowKey Key, long ETag, long Time, byte[] Properties, long? Large, byte[]? LargeProperties)
{
    /// <summary>An ETag as it is told.</summary>
    public static string Text(long etag) => string.Create(CultureInfo.InvariantCulture, $"W/\"{etag:x16}\"");

    /// <summary>The row as it is told, with all of its properties, which were read.</summary>
    /// <exception cref="InvalidDataException">Large ones are missing.</exception>
    public TableRow ToRow() => ToRow(null) ?? throw Incomplete();

    /// <summary>The row as it is told.</summary>
    /// <returns>The row; null when properties are wanted that were not read.</returns>
    public TableRow? ToRow(IReadOnlyList<string>? select) => RowFormat.Decode(Properties, LargeProperties, select) is { } properties
        ? new TableRow(Key, properties, Text(ETag), new DateTimeOffset(Time, TimeSpan.Zero))
        : null;

    /// <summary>Properties that were to be read are not there.</summary>
    public static InvalidDataException Incomplete() => new("The large properties of a row are missing");
}
