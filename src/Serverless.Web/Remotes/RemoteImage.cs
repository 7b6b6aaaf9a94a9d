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
        return ImageName.Find(rest[(slash + 1)..]) is { } image ? new RemoteImage(scheme + rest[..slash], image.Name, image.Reference) : null;
    }

    /// <summary>As it is kept, and compared with others.</summary>
    public override string ToString() => $"{Registry}/{Name}{(Reference is not { } reference ? "" : reference.Digest is null ? $":{reference}" : $"@{reference}")}";
}
