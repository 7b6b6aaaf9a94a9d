using System.IO.Enumeration;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>Repositories that hold what another registry has: all whose names begin alike. Nobody pushes to them, and what is not pulled any more goes.</summary>
/// <param name="Name">What the mirror is called, in logs, metrics and histories.</param>
/// <param name="Prefix">What the names of its repositories begin with, for instance <c>docker-hub/</c>; the rest is the name that the other registry has for it.</param>
public sealed record MirrorRule(string Name, string Prefix)
{
    /// <summary>The shortest time for which something is kept that nobody pulls: pulls are noted to the hour, and rules of retention count days.</summary>
    public static readonly TimeSpan LeastKept = TimeSpan.FromDays(1);

    /// <summary>The tags that are mirrored: patterns with <c>*</c> for any text and <c>?</c> for one character. Empty: all. Manifests are mirrored by digest in any case.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How long a tag is taken to point where it did, without asking. Default: 1 hour.</summary>
    public TimeSpan TagLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether a tag of which the other registry cannot be asked is taken to point where it last did. Default: yes.</summary>
    public bool StaleIfDown { get; init; } = true;

    /// <summary>How long something is kept that nobody pulls; at least <see cref="LeastKept"/>. Default: 7 days.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether a repository is the mirror's.</summary>
    public bool Holds(RepositoryName repository) => repository.ToString() is var name && name.Length > Prefix.Length && name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The name that the other registry has for one of the mirror's repositories.</summary>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public RepositoryName NameAtSource(RepositoryName repository) =>
        Holds(repository) ? RepositoryName.Parse(repository.ToString()[Prefix.Length..]) : throw new ArgumentException($"{repository} is no repository of the mirror {Name}.", nameof(repository));

    /// <summary>The name that a repository of the other registry has here; null when it would be too long.</summary>
    public RepositoryName? NameHere(RepositoryName atSource) => RepositoryName.TryParse(Prefix + atSource, out var name) ? name : null;

    /// <summary>Whether a tag is mirrored.</summary>
    public bool Mirrors(Tag tag) => Tags.Count == 0 || Tags.Any(t => FileSystemName.MatchesSimpleExpression(t, tag.ToString(), ignoreCase: false));

    /// <summary>What is wrong with rules, each of which begins with the same word; empty when nothing is.</summary>
    internal static IEnumerable<string> Validate(IReadOnlyList<MirrorRule> rules, TimeSpan grace)
    {
        foreach (var rule in rules)
        {
            if (!rule.Prefix.EndsWith('/') || !RepositoryName.TryParse(rule.Prefix[..^1], out _)) yield return $"Mirrors must have a repository's name with a slash at its end as their prefix; {rule.Name} has none.";
            if (rule.TagLifetime <= TimeSpan.Zero) yield return $"Mirrors must let tags live for a while; {rule.Name} does not.";
            if (rule.KeptFor < LeastKept || rule.KeptFor < grace) yield return $"Mirrors must keep what they hold for at least {LeastKept:c}, and the grace; {rule.Name} does not.";
            if (rules.FirstOrDefault(r => r != rule && rule.Prefix.StartsWith(r.Prefix, StringComparison.Ordinal)) is { } other) yield return $"Mirrors must have prefixes of which none begins with another; that of {rule.Name} begins with that of {other.Name}.";
        }
    }
}
