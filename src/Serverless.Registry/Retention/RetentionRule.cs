using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Retention;

/// <summary>
/// Which tags of which repositories are to go. Of several rules the first that fits a tag decides on it, alone; a tag that no rule fits stays. A tag goes
/// when everything holds that its rule says: it is not among the newest, and old enough. Plain values only, so that settings and files can hold rules.
/// </summary>
public sealed record RetentionRule
{
    private static readonly TimeSpan s_matchTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The repositories: a pattern with <c>*</c> for any text, slashes included, and <c>?</c> for one character. Default: all.</summary>
    public string Repositories { get; init; } = "*";

    /// <summary>The tags: a regular expression for the whole tag, without look-around and back-references. Default: all.</summary>
    public string Tags { get; init; } = ".*";

    /// <summary>Tags of these repositories that never go, whatever another rule says: regular expressions like <see cref="Tags"/>.</summary>
    public IReadOnlyList<string> Except { get; init; } = [];

    /// <summary>How many of the tags that the rule decides on stay in each repository, those pushed last; null: none for being new.</summary>
    public int? KeepNewest { get; init; }

    /// <summary>A tag that was pushed or moved within this time stays, by the clock of storage; null: a tag of any age may go.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>
    /// A tag that was pulled, asked for by HEAD, pushed or moved within this time stays, and one whose manifest was pulled by digest; at least a day, because pulls are noted to the hour. Null: pulls do not
    /// matter. A tag of which no pull is noted counts as pulled when the registry noted its first, and where none is noted no tag goes by such a rule. Pulls
    /// while notes are switched off are not known.
    /// </summary>
    public TimeSpan? NotPulledFor { get; init; }

    /// <summary>Whether the rule is only about tags that are there because they are in another registry. Default: no.</summary>
    public bool OnlyMirrored { get; init; }

    /// <summary>What is wrong with the rule; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (Repositories.Length == 0) yield return "Repositories must not be empty.";
        if (!IsExpression(Tags)) yield return $"Tags is no regular expression of the supported kind: {Tags}";
        foreach (var except in Except.Where(e => !IsExpression(e))) yield return $"Except holds no regular expression of the supported kind: {except}";
        if (KeepNewest is < 1) yield return "KeepNewest must be positive.";
        if (OlderThan is { } age && age <= TimeSpan.Zero) yield return "OlderThan must be positive.";
        if (NotPulledFor is { } idle && idle < TimeSpan.FromDays(1)) yield return "NotPulledFor must be at least a day.";
        // It would delete every tag that it fits; nobody means that.
        if (KeepNewest is null && OlderThan is null && NotPulledFor is null) yield return "A rule needs KeepNewest, OlderThan or NotPulledFor.";
    }

    /// <summary>Whether the rule is about the repository.</summary>
    internal bool Fits(RepositoryName repository) => FileSystemName.MatchesSimpleExpression(Repositories, repository.ToString(), ignoreCase: false);

    /// <summary>An expression for whole tags, without backtracking and with a limit of time.</summary>
    internal static Regex Expression(string text) => new($@"\A(?:{text})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, s_matchTimeout);

    private static bool IsExpression(string text)
    {
        try
        {
            // By itself first: brackets that do not match could be completed by those around it.
            _ = new Regex(text, RegexOptions.NonBacktracking);
            _ = Expression(text);
            return text.Length > 0;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
