using Serverless.Registry.Oci;

namespace Serverless.Registry.Verification;

/// <summary>A place in the order of all links, which is that of repositories, and within one that of digests.</summary>
/// <param name="Repository">The repository's key.</param>
/// <param name="Digest">The digest as text; empty before the first one.</param>
internal readonly record struct LinkPlace(string Repository, string Digest) : IComparable<LinkPlace>
{
    /// <summary>Before the first link.</summary>
    public static LinkPlace Start { get; } = new("", "");

    public int CompareTo(LinkPlace other) =>
        string.CompareOrdinal(Repository, other.Repository) is var order and not 0 ? order : string.CompareOrdinal(Digest, other.Digest);
}

/// <summary>Which links a pass is about: those from one place on and before another.</summary>
/// <param name="From">The first place.</param>
/// <param name="End">The place before which to stop; null goes on to the last link.</param>
internal readonly record struct LinkRange(LinkPlace From, LinkPlace? End)
{
    /// <summary>Whether a link of a repository to something, or what a manifest of it names, belongs to the pass.</summary>
    public bool Covers(string repository, Digest digest)
    {
        var place = new LinkPlace(repository, digest.ToString());
        return place.CompareTo(From) >= 0 && (End is not { } end || place.CompareTo(end) < 0);
    }

    /// <summary>Whether all that there is of a repository belongs to the pass, or what an earlier one has left of it.</summary>
    public bool Finishes(string repository) => End is not { } end || string.CompareOrdinal(repository, end.Repository) < 0;

    /// <summary>The first partition after those with something in the pass; null when there is none.</summary>
    public string? NextPartition => End is not { } end ? null : end.Digest.Length == 0 ? end.Repository : end.Repository + '!';
}
