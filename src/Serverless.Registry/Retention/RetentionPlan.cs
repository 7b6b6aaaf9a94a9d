using System.Text.RegularExpressions;

namespace Serverless.Registry.Retention;

/// <summary>The rules that are about one repository, and what they say of its tags.</summary>
internal sealed class RetentionPlan
{
    private readonly List<(RetentionRule Rule, Regex Tags)> _rules;
    private readonly List<Regex> _except;

    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset _firstPull;

    /// <param name="rules">Valid rules, those first that come first.</param>
    /// <param name="now">The time of storage.</param>
    /// <param name="firstPull">Since when pulls are noted; null when none is.</param>
    public RetentionPlan(IEnumerable<RetentionRule> rules, DateTimeOffset now, DateTimeOffset? firstPull)
    {
        (_now, _firstPull) = (now, firstPull ?? now);
        _rules = [.. rules.Select(r => (r, RetentionRule.Expression(r.Tags)))];
        _except = [.. _rules.SelectMany(r => r.Rule.Except).Distinct().Select(RetentionRule.Expression)];
    }

    /// <summary>The tags that are to go, each with the rule that says so, the oldest first.</summary>
    /// <param name="tags">All tags of the repository that may go.</param>
    public IEnumerable<(TagEntry Tag, RetentionRule Rule)> Choose(IEnumerable<TagEntry> tags) => tags
        .Where(t => !_except.Any(e => e.IsMatch(t.Tag.ToString())))
        .GroupBy(t => _rules.FindIndex(r => (t.IsMirrored || !r.Rule.OnlyMirrored) && r.Tags.IsMatch(t.Tag.ToString())))
        .Where(decided => decided.Key >= 0)
        .SelectMany(decided => Choose(_rules[decided.Key].Rule, decided).Select(t => (t, _rules[decided.Key].Rule)))
        .OrderBy(t => t.t.PushedAt)
        .ThenBy(t => t.t.Tag.ToString(), StringComparer.Ordinal);

    // The time of a push is known to the second, that of its row to the tick. Tags of one push may have both in common: then their names decide, so that a dry run and the run agree.
    private IEnumerable<TagEntry> Choose(RetentionRule rule, IEnumerable<TagEntry> tags) => tags
        .OrderByDescending(t => t.PushedAt)
        .ThenByDescending(t => t.Row.Timestamp)
        .ThenByDescending(t => t.Tag.ToString(), StringComparer.Ordinal)
        .Skip(rule.KeepNewest ?? 0)
        .Where(t => rule.OlderThan is not { } age || t.PushedAt < _now - age)
        .Where(t => rule.NotPulledFor is not { } idle || (t.PushedAt < _now - idle && (t.PulledAt ?? _firstPull) < _now - idle));
}
