namespace Serverless.Registry.Oci;

/// <summary>A repository, or an image in it, as people write them: <c>NAME[:TAG|@DIGEST]</c>.</summary>
/// <param name="Name">The repository.</param>
/// <param name="Reference">The tag or digest; null: none is said.</param>
public sealed record ImageName(RepositoryName Name, Reference? Reference)
{
    /// <summary>Reads a text; null when it is no such thing. Of <c>NAME:TAG@DIGEST</c>, which clients write too, the digest says which image it is.</summary>
    public static ImageName? Find(string text)
    {
        if (RepositoryName.TryParse(text, out var whole)) return new ImageName(whole, null);
        if (text.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            var name = text[..at].LastIndexOf(':') is var tagAt and > 0 ? text[..tagAt] : text[..at];
            return RepositoryName.TryParse(name, out var pinned) && Digest.TryParse(text[(at + 1)..], out var digest) ? new ImageName(pinned, new Reference(digest)) : null;
        }

        return text.LastIndexOf(':') is var colon and > 0 && RepositoryName.TryParse(text[..colon], out var tagged) && Tag.TryParse(text[(colon + 1)..], out var tag)
            ? new ImageName(tagged, new Reference(tag))
            : null;
    }
}
