using System.IO.Enumeration;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>Tags that, once set, may neither be moved nor deleted. Patterns know <c>*</c> for any text, slashes included, and <c>?</c> for one character.</summary>
/// <param name="Repositories">The repositories, for instance <c>team/*</c>.</param>
/// <param name="Tags">The tags, for instance <c>v*</c>.</param>
/// <param name="Except">Patterns of tags that may be moved all the same, for instance <c>latest</c>.</param>
public sealed record ImmutableTags(string Repositories, string Tags, IReadOnlyList<string> Except)
{
    /// <summary>Whether the rule holds for the tag.</summary>
    public bool Match(RepositoryName repository, Tag tag) =>
        Fits(Repositories, repository.ToString()) && Fits(Tags, tag.ToString()) && !Except.Any(e => Fits(e, tag.ToString()));

    /// <summary>A refusal to move or delete the tag.</summary>
    internal static RegistryException Refuse(Tag tag) => new(RegistryError.Denied, "the tag is immutable", tag.ToString());

    private static bool Fits(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
