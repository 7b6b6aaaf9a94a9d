using System.Globalization;

namespace Serverless.Cli.Commands;

/// <summary>Sizes as people write them.</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>The bytes of a size such as <c>10GiB</c>; null when it is none.</summary>
    public static long? Find(string text)
    {
        var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var number = end < 0 ? text : text[..end];
        var power = Array.FindIndex(s_units, u => u.Equals(end < 0 ? "" : text[end..].Trim(), StringComparison.OrdinalIgnoreCase));
        return power >= 0 && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue >> (10 * power) ? value << (10 * power) : null;
    }
}
