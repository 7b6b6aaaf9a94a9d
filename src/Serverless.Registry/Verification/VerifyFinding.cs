using Serverless.Registry.Oci;

namespace Serverless.Registry.Verification;

/// <summary>Something that does not fit together.</summary>
/// <param name="Kind">What.</param>
/// <param name="Repository">Where; null when it belongs to no one repository.</param>
/// <param name="Digest">What it is about: the blob or manifest that is missing or wrong; null when it is about none.</param>
/// <param name="ObjectName">The stored object that it is about; null when it is about none.</param>
/// <param name="Note">What was found, in words for the operator.</param>
/// <param name="Repaired">Whether it was repaired.</param>
public sealed record VerifyFinding(VerifyKind Kind, RepositoryName? Repository, Digest? Digest, string? ObjectName, string Note, bool Repaired);

/// <summary>What a <see cref="VerifyFinding"/> is about.</summary>
public enum VerifyKind
{
    /// <summary>Old bytes that no blob, link or upload names. They cost money and harm nobody. Repaired by deleting them.</summary>
    OrphanBytes,

    /// <summary>
    /// A blob whose bytes are not there: pulls of it fail. Repaired by copying those of another object that has the blob's digest; where there is none, somebody must push the blob again.
    /// </summary>
    MissingBytes,

    /// <summary>Bytes, a blob and a link disagree about the size. Bytes that are cut short are repaired as missing ones are.</summary>
    SizeMismatch,

    /// <summary>
    /// Content that does not have its digest. The bytes of a blob are deleted by a run that repairs, because a push would take them for right by their size, and leave them. Repaired if
    /// those of another object take their place; otherwise the next push of the blob brings them.
    /// </summary>
    WrongContent,

    /// <summary>A link to a blob that is not there. Repaired by deleting the link if the bytes are not there either: then a push brings them again.</summary>
    LinkWithoutBlob,

    /// <summary>A link that names other bytes than its blob.</summary>
    LinkElsewhere,

    /// <summary>A link that the collector cannot find. Repaired by adding the hint.</summary>
    LinkWithoutHint,

    /// <summary>An old hint of a link that is not there, in a repository that the collector is not about to look at. Repaired by deleting it.</summary>
    HintWithoutLink,

    /// <summary>A tag that points at a manifest that is not there.</summary>
    TagWithoutManifest,

    /// <summary>An index that names a manifest that its repository does not hold.</summary>
    ManifestWithoutChild,

    /// <summary>A manifest that names a blob that its repository does not link to.</summary>
    ManifestWithoutBlob,

    /// <summary>A referrer that is listed, but whose manifest is not there.</summary>
    ReferrerWithoutManifest,

    /// <summary>A row or a manifest that cannot be read. While there is one nobody knows all that is in use, and no bytes are deleted.</summary>
    Unreadable,

    /// <summary>Something that was not checked, because storage did not answer or what it answered made no sense. The run goes on, is not complete, and deletes no bytes.</summary>
    Unchecked,
}
