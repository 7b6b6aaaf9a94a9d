using System.Text.RegularExpressions;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>
/// Tells whoever pushes a manifest what in it is on its way out (OCI distribution specification 1.1.1, "Warnings"). The push succeeds all the same.
/// </summary>
internal static partial class DeprecationWarnings
{
    /// <summary>Adds <c>Warning: 299 - "..."</c> for each thing that is deprecated.</summary>
    public static void Write(HttpResponse response, Manifest manifest, IEnumerable<Tag> tags)
    {
        foreach (var warning in Find(manifest, tags)) response.Headers.Append("Warning", $"299 - \"{warning}\"");
    }

    private static IEnumerable<string> Find(Manifest manifest, IEnumerable<Tag> tags)
    {
        if (manifest.Content.Blobs.Any(b => MediaTypes.IsNonDistributable(b.MediaType)))
        {
            yield return "Non-distributable layers are deprecated since version 1.1 of the OCI image specification; push them as ordinary layers.";
        }

        if (tags.Any(t => ReferrersTag().IsMatch(t.ToString())))
        {
            yield return "The referrers tag schema is a fallback for registries without the referrers API, which this registry has.";
        }
    }

    // OCI distribution specification 1.1.1, "Referrers Tag Schema": the hash is cut to 64 characters.
    [GeneratedRegex("^sha(256|512)-[0-9a-f]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex ReferrersTag();
}
