using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Access;

/// <summary>
/// A right: <c>team/*:pull,push</c> for repositories by pattern, with <c>*</c> for any text, slashes included, and <c>?</c> for one character; or
/// <c>registry:catalog:*</c> for the whole catalog, or <c>registry:admin:*</c> for the registry itself. Rules only add to each other.
/// </summary>
public sealed partial record AccessRule : IParsable<AccessRule>
{
    private const string CatalogText = "registry:catalog:*";
    private const string AdminText = "registry:admin:*";

    private AccessRule(string pattern, RepositoryActions actions) => (Pattern, Actions) = (pattern, actions);

    /// <summary>The right to see every repository in the catalog.</summary>
    public static AccessRule Catalog { get; } = new("", RepositoryActions.Catalog);

    /// <summary>The right to look after the registry itself by its API.</summary>
    public static AccessRule Admin { get; } = new("", RepositoryActions.Admin);

    /// <summary>Which repositories; empty for the catalog and the registry itself.</summary>
    public string Pattern { get; }

    /// <summary>What may be done with them.</summary>
    public RepositoryActions Actions { get; }

    /// <summary>What of the registry itself the rule is about, as scopes of tokens name it: <c>catalog</c> or <c>admin</c>; null when it is about repositories.</summary>
    public string? Resource => this == Catalog ? "catalog" : this == Admin ? "admin" : null;

    /// <summary>The right to what a scope of a token names of the registry itself; null when there is no such right.</summary>
    public static AccessRule? FindResource(string name) => name switch
    {
        "catalog" => Catalog,
        "admin" => Admin,
        _ => null,
    };

    /// <summary>The one repository that the rule is about; null when it has a pattern, or is about the catalog.</summary>
    public RepositoryName? Repository => RepositoryName.TryParse(Pattern, out var name) ? name : null;

    /// <summary>What every name begins with that the rule is about: the pattern up to its first wildcard.</summary>
    public string Prefix => Pattern.IndexOfAny(['*', '?']) is var wildcard and >= 0 ? Pattern[..wildcard] : Pattern;

    /// <summary>The right to one repository.</summary>
    public static AccessRule For(RepositoryName repository, RepositoryActions actions) => new(repository.ToString(), actions & RepositoryActions.All);

    /// <inheritdoc/>
    public static AccessRule Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var rule) ? rule : throw new FormatException("A right is written like team/*:pull,push, registry:catalog:* or registry:admin:*.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [NotNullWhen(true)] out AccessRule? result)
    {
        result = s switch { CatalogText => Catalog, AdminText => Admin, _ => null };
        if (result is not null || s is null || Grammar().Match(s) is not { Success: true } match) return result is not null;
        result = new AccessRule(match.Groups[1].Value, ParseActions(match.Groups[2].Value.Split(',')));
        return true;
    }

    /// <summary>The actions of a token scope or rule; words without a meaning here are passed over.</summary>
    public static RepositoryActions ParseActions(IEnumerable<string> words) => words.Aggregate(RepositoryActions.None, static (actions, word) => actions | word switch
    {
        "pull" => RepositoryActions.Pull,
        "push" => RepositoryActions.Push,
        "delete" => RepositoryActions.Delete,
        "metadata" => RepositoryActions.Metadata,
        "*" => RepositoryActions.All,
        _ => RepositoryActions.None,
    });

    /// <summary>The actions as words, in a fixed order.</summary>
    public static IEnumerable<string> Words(RepositoryActions actions)
    {
        if (actions.HasFlag(RepositoryActions.Pull)) yield return "pull";
        if (actions.HasFlag(RepositoryActions.Push)) yield return "push";
        if (actions.HasFlag(RepositoryActions.Delete)) yield return "delete";
        if (actions.HasFlag(RepositoryActions.Metadata)) yield return "metadata";
    }

    /// <summary>Whether the rule is about the repository.</summary>
    public bool Matches(RepositoryName repository) =>
        Pattern.Length > 0 && FileSystemName.MatchesSimpleExpression(Pattern, repository.ToString(), ignoreCase: false);

    /// <summary>The rule as it is written.</summary>
    public override string ToString() => Resource is { } resource ? $"registry:{resource}:*" : $"{Pattern}:{(Actions == RepositoryActions.All ? "*" : string.Join(',', Words(Actions)))}";

    [GeneratedRegex(@"\A([a-z0-9._/*?-]{1,255}):((?:pull|push|delete|metadata|\*)(?:,(?:pull|push|delete|metadata|\*))*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
