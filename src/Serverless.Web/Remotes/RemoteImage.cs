using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>Images of another registry, as people write them: <c>HOST/NAME[:TAG|@DIGEST]</c>, with or without <c>https://</c> or <c>http://</c>.</summary>
/// <param name="Registry">The registry's address.</param>
/// <param name="Name">The repository in it.</param>
/// <param name="Reference">The tag or digest; null: the whole repository.</param>
public sealed record RemoteImage(string Registry, RepositoryName Name, Reference? Reference)
{
    /// <summary>Reads a text; null when it is no such thing.</summary>
    public static RemoteImage? Find(string text)
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
            // As clients write it, NAME:TAG@DIGEST, in which the digest says which it is.
            var name = image[..digestAt];
            if (name.LastIndexOf(':') is var colon and > 0) name = name[..colon];
            return RepositoryName.TryParse(name, out var pinned) && Digest.TryParse(image[(digestAt + 1)..], out var digest) ? new RemoteImage(host, pinned, new Reference(digest)) : null;
        }

        return ImageName.Find(image) is { } named ? new RemoteImage(host, named.Name, named.Tag is { } tag ? new Reference(tag) : null) : null;
    }

    /// <summary>As it is kept, and compared with others.</summary>
    public override string ToString() => $"{Registry}/{Name}{(Reference is not { } reference ? "" : reference.Digest is null ? $":{reference}" : $"@{reference}")}";
}

/// <summary>A repository, or a tag in it: <c>NAME[:TAG]</c>.</summary>
/// <param name="Name">The repository.</param>
/// <param name="Tag">The tag; null: none is said.</param>
public sealed record ImageName(RepositoryName Name, Tag? Tag)
{
    /// <summary>Reads a text; null when it is no such thing.</summary>
    public static ImageName? Find(string text)
    {
        if (RepositoryName.TryParse(text, out var whole)) return new ImageName(whole, null);
        return text.LastIndexOf(':') is var colon and > 0 && RepositoryName.TryParse(text[..colon], out var name) && Serverless.Registry.Oci.Tag.TryParse(text[(colon + 1)..], out var tag) ? new ImageName(name, tag) : null;
    }
}
