using System.Globalization;

namespace Serverless.Registry.Storage;

/// <summary>Binary values beyond 64 KiB, split over properties <c>name0</c>, <c>name1</c> and so on.</summary>
internal static class LargeBinary
{
    public static void Write(Dictionary<string, object> properties, string name, ReadOnlySpan<byte> value)
    {
        for (var part = 0; value.Length > 0 || part == 0; part++)
        {
            var length = Math.Min(value.Length, TableLimits.PropertySize);
            properties.Add(PartName(name, part), value[..length].ToArray());
            value = value[length..];
        }
    }

    /// <summary>The whole value; null when the row has none of that name.</summary>
    public static ReadOnlyMemory<byte>? Find(TableRow row, string name)
    {
        if (row.FindBytes(PartName(name, 0)) is not { } first) return null;
        if (row.FindBytes(PartName(name, 1)) is null) return first;
        using var whole = new MemoryStream();
        for (var part = 0; row.FindBytes(PartName(name, part)) is { } bytes; part++) whole.Write(bytes);
        return whole.ToArray();
    }

    private static string PartName(string name, int part) => part == 0 ? name : name + part.ToString(CultureInfo.InvariantCulture);
}
