using Serverless.Registry.Oci;
using Serverless.Web.Remotes;

namespace Serverless.Cli.Copying;

/// <summary>Where images are copied from or to, as it is written on the command line.</summary>
internal abstract record CopyPlace
{
    private const string HerePrefix = "here:";
    private const string LayoutPrefix = "oci:";
    private const string LayoutArchivePrefix = "oci-archive:";
    private const string DockerArchivePrefix = "docker-archive:";

    /// <summary>The tag or digest; null: none is said.</summary>
    public Reference? Reference { get; init; }

    /// <summary>
    /// Reads a place; null when it is none.
    /// <code>
    ///   NAME[:TAG|@DIGEST]                 in this registry; here:NAME where the name looks like a host
    ///   HOST/NAME[:TAG|@DIGEST]            in another one; HOST has a dot or a port, is localhost, or stands behind https:// or http://
    ///   oci:FOLDER[:TAG]                   an OCI image layout
    ///   oci-archive:FILE[:TAG]             a tar archive of one
    ///   docker-archive:FILE[:NAME:TAG]     what docker save writes
    /// </code>
    /// </summary>
    public static CopyPlace? Find(string text)
    {
        if (text.StartsWith(HerePrefix, StringComparison.Ordinal)) return FindHere(text[HerePrefix.Length..]);
        if (text.StartsWith(LayoutPrefix, StringComparison.Ordinal)) return FindPath(text[LayoutPrefix.Length..], Directory.Exists) is var (folder, tag) ? new Layout(folder) { Reference = tag } : null;
        if (text.StartsWith(LayoutArchivePrefix, StringComparison.Ordinal)) return FindPath(text[LayoutArchivePrefix.Length..], File.Exists) is var (file, tag) ? new LayoutArchive(file) { Reference = tag } : null;
        return text.StartsWith(DockerArchivePrefix, StringComparison.Ordinal) ? FindDockerArchive(text[DockerArchivePrefix.Length..]) : FindImage(text);
    }

    /// <summary>Reads the path of a layout, or of an archive of either kind, which what is in it tells apart; null when it is empty.</summary>
    public static CopyPlace? FindLocal(string path)
    {
        if (path.StartsWith(LayoutPrefix, StringComparison.Ordinal) || path.StartsWith(LayoutArchivePrefix, StringComparison.Ordinal) || path.StartsWith(DockerArchivePrefix, StringComparison.Ordinal)) return Find(path);
        return path.Length == 0 ? null : Directory.Exists(path) ? new Layout(path) : new Archive(path);
    }

    // What is behind the last colon is a tag if nothing is there that has it in its name.
    private static (string Path, Reference? Tag)? FindPath(string text, Func<string, bool> exists)
    {
        var colon = text.LastIndexOf(':');
        if (text.Length == 0) return null;
        if (colon < 0 || exists(text)) return (text, null);
        return Tag.TryParse(text[(colon + 1)..], out var tag) && colon > 0 ? (text[..colon], new Reference(tag)) : null;
    }

    // The tag is behind the last colon; where there is one more, the image's name is between them.
    private static DockerArchive? FindDockerArchive(string text)
    {
        if (text.Length == 0) return null;
        for (var colon = text.IndexOf(':', StringComparison.Ordinal); colon > 0 && !File.Exists(text); colon = text.IndexOf(':', colon + 1))
        {
            if (!File.Exists(text[..colon])) continue;
            var image = text[(colon + 1)..];
            return Tag.TryParse(image[(image.LastIndexOf(':') + 1)..], out var tag) ? new DockerArchive(text[..colon], image.Contains(':', StringComparison.Ordinal) ? image : null) { Reference = new Reference(tag) } : null;
        }

        return new DockerArchive(text, null);
    }

    // What begins with a host is elsewhere, and everything else is a repository here.
    private static CopyPlace? FindImage(string text) =>
        RemoteImage.Find(text) is { } image ? new Remote(image.Registry, image.Name) { Reference = image.Reference } : FindHere(text);

    private static Here? FindHere(string text) => ImageName.Find(text) is { } image ? new Here(image.Name) { Reference = image.Reference } : null;

    /// <summary>A repository of this registry.</summary>
    internal sealed record Here(RepositoryName Name) : CopyPlace;

    /// <summary>A repository of another registry.</summary>
    /// <param name="Registry">The registry's address, <c>https://host[:port]</c> or without the scheme.</param>
    /// <param name="Name">The repository in it.</param>
    internal sealed record Remote(string Registry, RepositoryName Name) : CopyPlace;

    /// <summary>An OCI image layout in a folder.</summary>
    internal sealed record Layout(string Folder) : CopyPlace;

    /// <summary>A tar archive of an OCI image layout.</summary>
    internal sealed record LayoutArchive(string File) : CopyPlace;

    /// <summary>A tar archive as <c>docker save</c> writes it.</summary>
    /// <param name="File">The archive.</param>
    /// <param name="Image">The image as the archive names it; null: it has but one of that tag.</param>
    internal sealed record DockerArchive(string File, string? Image) : CopyPlace;

    /// <summary>A tar archive of one of the two kinds.</summary>
    internal sealed record Archive(string File) : CopyPlace;
}
