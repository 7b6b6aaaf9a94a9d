using Serverless.Registry.Adoption;

namespace Serverless.Cli.Output;

/// <summary>Something that an adoption has left out.</summary>
/// <param name="Kind">missing, refused or kept.</param>
/// <param name="Repository">Where; null when the name is none of a repository.</param>
/// <param name="What">A digest, a tag, or the name of a repository as it is stored.</param>
/// <param name="Note">The reason.</param>
internal sealed record AdoptEntry(string Kind, string? Repository, string What, string Note)
{
    public static AdoptEntry Of(AdoptFinding finding) => new(finding.Kind.ToString().ToLowerInvariant(), finding.Repository?.ToString(), Clean(finding.What), Clean(finding.Note));

    public string ToLine() => string.Join('\t', Kind, Repository ?? "-", What, Note);

    // Some of it is from names that anybody may have made.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
