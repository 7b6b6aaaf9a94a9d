using System.Globalization;

namespace Serverless.LocalStorage.Objects;

/// <summary>Where a block lies.</summary>
/// <param name="Id">The block.</param>
/// <param name="File">The file that it is in.</param>
/// <param name="Offset">Its first byte in that file.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Time">When it was staged, in ticks of UTC. Of blocks with one id the latest counts.</param>
internal readonly record struct BlockPlace(string Id, string File, long Offset, long Length, long Time)
{
    /// <summary>Reads a line of a list.</summary>
    /// <returns>The place; null when the line is not whole, as one that was being written when the machine lost its power.</returns>
    public static BlockPlace? Parse(string line, string file) =>
        line.Split('\t') is [var id, var offset, var length, var time]
        && TryRead(offset, out var first) && TryRead(length, out var count) && TryRead(time, out var ticks)
            ? new BlockPlace(Uri.UnescapeDataString(id), file, first, count, ticks)
            : null;

    /// <summary>The line of a list, with its end.</summary>
    public string Line() => string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(Id)}\t{Offset}\t{Length}\t{Time}\n");

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

    private static bool TryRead(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
