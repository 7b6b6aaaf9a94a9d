using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints;

/// <summary>Parses the last part of a path, and says what is wrong with it.</summary>
internal static class RouteValues
{
    /// <exception cref="RegistryException">DIGEST_INVALID.</exception>
    public static Digest ParseDigest(string? text) =>
        Digest.TryParse(text, out var digest) ? digest : throw new RegistryException(RegistryError.DigestInvalid, "not a sha256 or sha512 digest in lower-case hexadecimal");

    /// <summary>A reference that cannot exist is unknown, unless it tries to be a digest.</summary>
    /// <exception cref="RegistryException">DIGEST_INVALID or MANIFEST_UNKNOWN.</exception>
    public static Reference ParseReference(string text) =>
        Reference.TryParse(text, out var reference) ? reference
        : text.Contains(':', StringComparison.Ordinal) ? new Reference(ParseDigest(text))
        : throw new RegistryException(RegistryError.ManifestUnknown);

    /// <exception cref="RegistryException">TAG_INVALID.</exception>
    public static Tag ParseTag(string? text) => Tag.TryParse(text, out var tag) ? tag : throw new RegistryException(RegistryError.TagInvalid);
}
