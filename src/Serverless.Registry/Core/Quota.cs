using System.Text.RegularExpressions;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// How much each of some namespaces may hold. The namespace of a repository is its name up to the first slash; a repository without a slash is a namespace of its own.
/// </summary>
/// <param name="Pattern">The namespaces: a name, or what names begin with and an asterisk. Of several that fit the longest counts, and a name before all others.</param>
public sealed partial record Quota(string Pattern)
{
    /// <summary>Above this, in bytes, pushes are warned; null: never.</summary>
    public long? Soft { get; init; }

    /// <summary>Above this, in bytes, pushes are refused; null: never.</summary>
    public long? Hard { get; init; }

    /// <summary>Whether a text can be a pattern.</summary>
    public static bool IsPattern(string text) => PatternText().IsMatch(text);

    /// <summary>The namespace of a repository.</summary>
    public static string NamespaceOf(RepositoryName repository) => TableKeys.HeadOf(repository.ToString()).TrimEnd('/');

    /// <summary>What is wrong with it, without a full stop; null: nothing.</summary>
    public string? FindProblem() => !IsPattern(Pattern) ? "a pattern is the name of a namespace without its slash, or what names begin with and an asterisk"
        : this is { Soft: null, Hard: null } or { Soft: < 0 } or { Hard: < 0 } ? "a quota has a soft limit, a hard one, or both, in bytes"
        : Hard < Soft ? "the hard limit is not below the soft one"
        : null;

    /// <summary>Whether it holds for a namespace.</summary>
    public bool Covers(string name) => Pattern.EndsWith('*') ? name.StartsWith(Pattern[..^1], StringComparison.Ordinal) : name == Pattern;

    /// <summary>How exactly the pattern says what it is for; more counts before less.</summary>
    internal int Rank => Pattern.EndsWith('*') ? Pattern.Length - 1 : int.MaxValue;

    // The letters of names (OCI distribution specification 1.1.1, "Pulling manifests"), of which it need not be a whole one.
    [GeneratedRegex(@"^(?:[a-z0-9][a-z0-9._-]{0,126})?\*$|^[a-z0-9][a-z0-9._-]{0,127}$", RegexOptions.CultureInvariant)]
    private static partial Regex PatternText();
}

/// <summary>How a namespace stands.</summary>
/// <param name="Quota">What it may hold.</param>
/// <param name="Bytes">What it holds, in bytes, with what is being pushed.</param>
public sealed record QuotaState(Quota Quota, long Bytes)
{
    /// <summary>Whether it holds more than the soft limit.</summary>
    public bool IsOverSoft => Bytes > Quota.Soft;
}
