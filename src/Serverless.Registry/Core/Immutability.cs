using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>What of one repository may neither be moved nor deleted, as the rules of the settings and the locks say at one moment.</summary>
internal sealed class Immutability
{
    private readonly RepositoryName _repository;
    private readonly List<ImmutableTags> _rules;
    private readonly HashSet<Tag> _tags = [];
    private readonly HashSet<Digest> _manifests = [];

    /// <param name="repository">The repository.</param>
    /// <param name="rules">The rules for all repositories.</param>
    /// <param name="locks">The locks of this one.</param>
    public Immutability(RepositoryName repository, IEnumerable<ImmutableTags> rules, IEnumerable<RegistryLock> locks)
    {
        _repository = repository;
        _rules = [.. rules.Where(r => r.Match(repository))];
        foreach (var held in locks)
        {
            if (held.Reference.Tag is { } tag) _tags.Add(tag);
            else _manifests.Add(held.Reference.Digest!.Value);
        }
    }

    /// <summary>Whether there is, or may be, anything immutable in the repository.</summary>
    public bool IsAny => _rules.Count + _tags.Count + _manifests.Count > 0;

    /// <summary>The manifests that are locked by their digests.</summary>
    public IReadOnlyCollection<Digest> Manifests => _manifests;

    public bool Holds(Tag tag) => _tags.Contains(tag) || _rules.Any(r => r.Match(_repository, tag));

    /// <exception cref="RegistryException">DENIED: the tag may neither be moved nor deleted.</exception>
    public void DemandMutable(Tag tag)
    {
        if (Holds(tag)) throw Refuse(tag);
    }

    /// <exception cref="RegistryException">DENIED: the manifest is locked.</exception>
    public void DemandMutable(Digest digest)
    {
        if (_manifests.Contains(digest)) throw new RegistryException(RegistryError.Denied, "the manifest is locked", digest.ToString());
    }

    /// <summary>A refusal to move or delete the tag.</summary>
    public static RegistryException Refuse(Tag tag) => new(RegistryError.Denied, "the tag is immutable", tag.ToString());
}
