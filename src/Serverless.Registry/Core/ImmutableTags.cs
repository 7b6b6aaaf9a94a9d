using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>
/// Tags that, once set, may neither be moved nor deleted. Patterns know <c>*</c> for any text, slashes included, and <c>?</c> for one character. Tags in the form of a digest, as
/// <c>sha256-...</c>, with or without an end such as <c>.sig</c>, are exempt: in them clients keep lists of referrers and signatures, which they add to by moving the tag (OCI distribution
/// specification 1.1.1, "Referrers Tag Schema").
/// </summary>
/// <param name="Repositories">The repositories, for instance <c>team/*</c>.</param>
/// <param name="Tags">The tags, for instance <c>v*</c>.</param>
/// <param name="Except">Patterns of tags that may be moved all the same, for instance <c>latest</c>.</param>
public sealed partial record ImmutableTags(string Repositories, string Tags, IReadOnlyList<string> Except)
{
    /// <summary>Whether the rule holds for the tag.</summary>
    public bool Match(RepositoryName repository, Tag tag) =>
        Match(repository) && Fits(Tags, tag.ToString()) && !Except.Any(e => Fits(e, tag.ToString())) && !ReferrersTag().IsMatch(tag.ToString());

    /// <summary>Whether the rule is about the repository.</summary>
    public bool Match(RepositoryName repository) => Fits(Repositories, repository.ToString());

    private static bool Fits(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);

    [GeneratedRegex(@"\Asha(256|512)-[a-f0-9]{32,64}(\..+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferrersTag();
}
