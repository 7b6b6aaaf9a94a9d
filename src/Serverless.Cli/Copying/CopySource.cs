using Serverless.Cli.Commands;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Copying;

/// <summary>What is to be copied, as it is written on the command line.</summary>
/// <param name="Registry">The registry's address, <c>https://host[:port]</c> or without the scheme; null: a layout.</param>
/// <param name="Name">The repository in it; null: a layout.</param>
/// <param name="Layout">The folder of an OCI image layout; null: a registry.</param>
/// <param name="Reference">The tag or digest; null: none is said.</param>
internal sealed record CopySource(string? Registry, RepositoryName? Name, string? Layout, Reference? Reference)
{
    private const string LayoutPrefix = "oci:";

    /// <summary>Reads <c>HOST/NAME[:TAG|@DIGEST]</c>, with or without <c>https://</c> or <c>http://</c>, or <c>oci:FOLDER[:TAG]</c>; null when it is neither.</summary>
    public static CopySource? Find(string text) => text.StartsWith(LayoutPrefix, StringComparison.Ordinal) ? FindLayout(text[LayoutPrefix.Length..]) : FindImage(text);

    private static CopySource? FindLayout(string text)
    {
        // A folder may have colons in its name, and so has a digest: what is behind the last one is the tag if the folder is not there with it.
        var colon = text.LastIndexOf(':');
        if (text.Length == 0) return null;
        if (colon < 0 || Directory.Exists(text)) return new CopySource(null, null, text, null);
        return Tag.TryParse(text[(colon + 1)..], out var tag) && colon > 0 ? new CopySource(null, null, text[..colon], new Reference(tag)) : null;
    }

    private static CopySource? FindImage(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal) is var at and >= 0 ? text[..(at + 3)] : "";
        if (scheme is not ("" or "https://" or "http://")) return null;
        var rest = text[scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        // Without a host it could be anybody's; what begins with one has a dot, a port, or is this machine.
        if (slash <= 0 || (scheme.Length == 0 && rest[..slash] != "localhost" && !rest[..slash].AsSpan().ContainsAny('.', ':'))) return null;
        var (host, image) = (scheme + rest[..slash], rest[(slash + 1)..]);
        if (image.IndexOf('@', StringComparison.Ordinal) is var digestAt and >= 0)
        {
            return RepositoryName.TryParse(WithoutTag(image[..digestAt]), out var pinned) && Digest.TryParse(image[(digestAt + 1)..], out var digest)
                ? new CopySource(host, pinned, null, new Reference(digest))
                : null;
        }

        if (RepositoryName.TryParse(image, out var whole)) return new CopySource(host, whole, null, null);
        return CommandInputs.TryImage(image, out var tagged) ? new CopySource(host, tagged.Name, null, new Reference(tagged.Tag)) : null;
    }

    // As clients write it: NAME:TAG@DIGEST, in which the digest says which it is.
    private static string WithoutTag(string text) => text.LastIndexOf(':') is var colon and > 0 ? text[..colon] : text;
}
