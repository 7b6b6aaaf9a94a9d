using System.Net;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>What other registries have as lists of referrers: an image index, from the list or under a tag (OCI distribution specification 1.1.1, "Listing Referrers" and "Referrers Tag Schema").</summary>
internal static class RemoteReferrers
{
    private const int MaxTagHex = 64;

    /// <summary>Answers of registries that do not know the list: the specification's, and what some have for a path that they do not know.</summary>
    public static IReadOnlyCollection<HttpStatusCode> Absent { get; } = [HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotAcceptable];

    /// <summary>The tag under which clients keep the list where the registry does not.</summary>
    public static Tag FallbackTag(Digest subject) =>
        Tag.Parse($"{(subject.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512")}-{subject.Hex[..Math.Min(subject.Hex.Length, MaxTagHex)]}");

    /// <summary>The referrers that a document names; null when it is no index, which something else may stand for.</summary>
    /// <exception cref="ImageSourceException">It says that it is an index and cannot be read as one.</exception>
    public static IReadOnlyList<Descriptor>? Read(string? mediaType, ReadOnlyMemory<byte> body)
    {
        var isSaid = MediaTypes.OciIndex.Equals(mediaType, StringComparison.OrdinalIgnoreCase);
        try
        {
            return ManifestTypes.Default.Parse(MediaTypes.OciIndex, body).Content.Manifests;
        }
        catch (RegistryException) when (!isSaid)
        {
            return null;
        }
        catch (RegistryException e)
        {
            throw new ImageSourceException("A list of referrers is no image index that can be read.", e);
        }
    }
}
