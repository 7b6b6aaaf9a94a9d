using Serverless.Registry.Oci;

namespace Serverless.Registry.Adoption;

/// <summary>Something that an adoption has left out.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Repository">Where; null when the name is none of a repository.</param>
/// <param name="What">A digest, a tag, or the name of a repository as it is stored.</param>
/// <param name="Note">The reason.</param>
public sealed record AdoptFinding(AdoptFindingKind Kind, RepositoryName? Repository, string What, string Note);

/// <summary>Why something was left out.</summary>
public enum AdoptFindingKind
{
    /// <summary>It is named, and is not there.</summary>
    Missing,

    /// <summary>It is there, and this registry does not take it.</summary>
    Refused,

    /// <summary>This registry has another under the name, and keeps it.</summary>
    Kept,
}
