using System.Globalization;

namespace Serverless.Registry.Storage;

/// <summary>Times in rows are text (ISO 8601, UTC, to the tick): rows have no type for them.</summary>
internal static class RowTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">It is no time.</exception>
    public static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A time; null when the row has none of that name.</summary>
    /// <exception cref="FormatException">It is no time.</exception>
    public static DateTimeOffset? FindTime(this TableRow row, string name) => row.FindString(name) is { } text ? Parse(text) : null;
}
