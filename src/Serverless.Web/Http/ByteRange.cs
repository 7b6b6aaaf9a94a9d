using Microsoft.Net.Http.Headers;

namespace Serverless.Web.Http;

/// <summary>A range of a download (RFC 9110, section 14).</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The one range that a request asks for; null when it asks for none, for several, or in a way that is to be ignored.</summary>
    public static RangeItemHeaderValue? Find(HttpRequest request) =>
        RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header) && header.Unit == "bytes" && header.Ranges.Count == 1
            ? header.Ranges.First()
            : null;

    /// <summary>Whether storage can serve the range by itself: it knows no suffixes (<c>bytes=-500</c>).</summary>
    public static bool IsSuffix(RangeItemHeaderValue? range) => range is { From: null };

    /// <summary>The bytes that the range means in content of this size; null when it lies outside.</summary>
    public static ByteRange? Resolve(RangeItemHeaderValue range, long size)
    {
        var (first, last) = range.From is { } from
            ? (from, Math.Min(range.To ?? long.MaxValue, size - 1))
            : (Math.Max(0, size - (range.To ?? 0)), size - 1);
        return first <= last && first < size ? new ByteRange(first, last - first + 1) : null;
    }
}
