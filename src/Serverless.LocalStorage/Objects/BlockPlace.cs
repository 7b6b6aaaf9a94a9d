using System.Globalization;

namespace Serverless.LocalStorage.Objects;

/// <summary>Where a block lies.</summary>
internal readonly record struct BlockPlace(string Id, string File, long Offset, long Length)
{
    /// <summary>Reads a line of a list.</summary>
    /// <returns>The place; null when the line is not whole, as one that was being written when the machine lost its power.</returns>
    public static BlockPlace? Parse(string line, string file) =>
        line.Split('\t') is [var id, var offset, var length]
        && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new BlockPlace(Uri.UnescapeDataString(id), file, first, count)
            : null;

    /// <summary>The line of a list, with its end.</summary>
    public static string Line(string id, long offset, long length) => string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(id)}\t{offset}\t{length}\n");

    /// <summary>Whether blocks fill a file from its beginning, one behind the other.</summary>
    /// <returns>The length of all of them; null when they do not.</returns>
    public static long? Tile(IEnumerable<BlockPlace> blocks, string file)
    {
        var end = 0L;
        foreach (var block in blocks)
        {
            if (block.File != file || block.Offset != end) return null;
            end += block.Length;
        }

        return end;
    }
}
