using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>
/// The ranges of uploads, which are not those of HTTP: <c>Content-Range: 0-99</c> without a unit, and <c>Range: 0-99</c> in answers, where an empty upload is
/// <c>0-0</c> (OCI distribution specification 1.1.1, "Pushing a blob in chunks"). <c>0-99/*</c>, which leaves open how much there will be, is what newer clients send.
/// </summary>
internal static partial class UploadRangeHeader
{
    extension(HttpRequest request)
    {
        /// <summary>Which bytes the body is said to be; null when nothing is said.</summary>
        /// <exception cref="RegistryException">BLOB_UPLOAD_INVALID: unreadable.</exception>
        public ChunkRange? ReadChunkRange()
        {
            var text = request.Headers.ContentRange.ToString();
            if (text.Length == 0) return null;
            if (Grammar().Match(text) is not { Success: true } match
                || !long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !long.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first || last == long.MaxValue)
            {
                throw new RegistryException(RegistryError.BlobUploadInvalid, "Content-Range must be two numbers, first-last");
            }

            return new ChunkRange(first, last) { Announced = request.ContentLength };
        }
    }

    /// <summary>The range of an upload that has this many bytes.</summary>
    public static string Format(long size) => string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, size - 1)}");

    [GeneratedRegex(@"\A([0-9]{1,19})-([0-9]{1,19})(?:/\*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
