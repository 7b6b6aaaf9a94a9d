using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Adoption;

/// <summary>
/// The names of what distribution stores (its registry/storage/paths.go, the same in releases 2 and 3):
/// <code>
/// &lt;root&gt;docker/registry/v2/
///   repositories/&lt;name&gt;/_manifests/revisions/sha256/&lt;hex&gt;/link        a manifest of the repository
///                       _manifests/tags/&lt;tag&gt;/current/link             a tag: the digest that it points at, as text
///                       _manifests/tags/&lt;tag&gt;/index/sha256/&lt;hex&gt;/link  what it has pointed at: not read
///                       _layers/sha256/&lt;hex&gt;/link                      a blob that the repository may read; the digest of its bytes, as text
///                       _uploads/...                                   not read
///   blobs/sha256/&lt;aa&gt;/&lt;hex&gt;/data                                      the bytes, of blobs and of manifests
///   adopted-by                                                         ours: the id of the registry that has adopted it
/// </code>
/// </summary>
internal sealed class DistributionLayout
{
    private const string Version = "docker/registry/v2/";
    private const string Link = "/link";
    private const string Data = "/data";
    private const string Current = "/current/link";

    private DistributionLayout(string prefix) => Prefix = prefix;

    /// <summary>Begins all names.</summary>
    public string Prefix { get; }

    /// <summary>The object that says which registry has adopted what is here.</summary>
    public string Marker => Prefix + "adopted-by";

    /// <summary>Begins the names of what belongs to repositories.</summary>
    public string RepositoriesPrefix => Prefix + "repositories/";

    /// <summary>
    /// Finds what lies under a root directory. The azure driver of distribution 2 begins all names with a slash, that of 3 does not: a root that begins with one is taken as it is, for any other
    /// both are looked for.
    /// </summary>
    /// <param name="objects">Where to look.</param>
    /// <param name="root">The root directory, as the driver's settings have it; may be empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when there is nothing.</returns>
    public static async Task<DistributionLayout?> FindAsync(IObjectStore objects, string root, CancellationToken cancellationToken)
    {
        var directory = root.Trim('/') is { Length: > 0 } name ? name + "/" : "";
        foreach (var start in root.StartsWith('/') ? (string[])["/"] : ["", "/"])
        {
            var layout = new DistributionLayout(start + directory + Version);
            if (await objects.ListAsync(layout.Prefix, cancellationToken).AnyAsync(cancellationToken)) return layout;
        }

        return null;
    }

    /// <summary>Whether some of it lies where the registry has its own bytes: what no row names there is deleted.</summary>
    public async Task<bool> IsAmongOwnAsync(IObjectStore objects, CancellationToken cancellationToken)
    {
        // Where registries share a container the folder of this one has a longer name than it knows.
        var rest = Prefix[(Prefix.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return Prefix.StartsWith(TableKeys.ObjectPrefix, StringComparison.Ordinal) || await objects.ListAsync(TableKeys.ObjectPrefix + rest, cancellationToken).AnyAsync(cancellationToken);
    }

    /// <summary>The name of the repository that an object belongs to, as it is written; null when it belongs to none.</summary>
    public string? RepositoryOf(string name)
    {
        // No part of a repository's name begins with an underscore.
        var end = name.StartsWith(RepositoriesPrefix, StringComparison.Ordinal) ? name.IndexOf("/_", RepositoriesPrefix.Length, StringComparison.Ordinal) : -1;
        return end > RepositoriesPrefix.Length && name.EndsWith(Link, StringComparison.Ordinal) ? name[RepositoriesPrefix.Length..end] : null;
    }

    /// <summary>Where the bytes of a digest are.</summary>
    public string DataOf(Digest digest) => $"{Prefix}blobs/{Algorithm(digest)}/{digest.Hex[..2]}/{digest.Hex}{Data}";

    /// <summary>Begins the names of what says which manifests a repository has.</summary>
    public string RevisionsOf(string repository) => $"{RepositoriesPrefix}{repository}/_manifests/revisions/";

    /// <summary>Begins the names of what says which blobs a repository has.</summary>
    public string LayersOf(string repository) => $"{RepositoriesPrefix}{repository}/_layers/";

    /// <summary>Begins the names of what says which tags a repository has.</summary>
    public string TagsOf(string repository) => $"{RepositoriesPrefix}{repository}/_manifests/tags/";

    /// <summary>The link of a repository to a blob.</summary>
    public string LayerOf(RepositoryName repository, Digest digest) => $"{LayersOf(repository.ToString())}{Algorithm(digest)}/{digest.Hex}{Link}";

    /// <summary>The digest that the name of a link is of; null when it is of none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="prefix">What it begins with.</param>
    public static Digest? DigestOf(string name, string prefix) =>
        name.EndsWith(Link, StringComparison.Ordinal) && name[prefix.Length..^Link.Length].Split('/') is [var algorithm, var hex] && Digest.TryParse($"{algorithm}:{hex}", out var digest) ? digest : null;

    /// <summary>The tag that the name of a link is of, as it is written; null when it is of none.</summary>
    /// <inheritdoc cref="DigestOf"/>
    public static string? TagOf(string name, string prefix) =>
        name.EndsWith(Current, StringComparison.Ordinal) && name[prefix.Length..^Current.Length] is { Length: > 0 } tag && !tag.Contains('/', StringComparison.Ordinal) ? tag : null;

    private static string Algorithm(Digest digest) => digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";
}
