using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>A range of a download (RFC 9110, section 14).</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly partial record struct ByteRange(long Offset, long Length)
{
    /// <summary>The bytes that a request asks for of content of this size; null when it asks for all, for several ranges, or in a way that is to be ignored.</summary>
    /// <exception cref="RegistryException">There are no such bytes: 416, with the size in <c>Content-Range</c>.</exception>
    public static ByteRange? Find(HttpContext http, long size)
    {
        var text = http.Request.Headers.Range.ToString();
        if (Parse(text) is { } range)
        {
            // The last bytes of nothing are nothing.
            return size == 0 && range is { From: null, To: > 0 } ? null : Resolve(range, size) ?? throw Outside(http, size);
        }

        // A range all the same: one that ends before it begins, or with numbers that no content reaches.
        if (Unread().Match(text) is not { Success: true } match) return null;
        var (first, last) = (Read(match.Groups[1].ValueSpan), Read(match.Groups[2].ValueSpan));
        return first < size && last >= first ? new ByteRange(first, size - first) : throw Outside(http, size);
    }

    /// <summary>Whether a request asks for what storage cannot serve by itself: it knows no suffixes (<c>bytes=-500</c>).</summary>
    public static bool IsSuffix(HttpRequest request) => Parse(request.Headers.Range.ToString()) is { From: null };

    /// <summary>The header of an answer that has only these bytes.</summary>
    public string ContentRange(long size) => string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{size}");

    // Digits that are no number are more than any.
    private static long Read(ReadOnlySpan<char> digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    private static RangeItemHeaderValue? Parse(string text) =>
        RangeHeaderValue.TryParse(text, out var header) && header.Unit == "bytes" && header.Ranges.Count == 1 ? header.Ranges.First() : null;

    private static ByteRange? Resolve(RangeItemHeaderValue range, long size)
    {
        var (first, last) = range.From is { } from
            ? (from, Math.Min(range.To ?? long.MaxValue, size - 1))
            : (Math.Max(0, size - (range.To ?? 0)), size - 1);
        return first <= last && first < size ? new ByteRange(first, last - first + 1) : null;
    }

    private static RegistryException Outside(HttpContext http, long size)
    {
        http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
        return new RegistryException(RegistryError.RangeNotSatisfiable);
    }

    [GeneratedRegex(@"\Abytes=([0-9]+)-([0-9]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Unread();
}
