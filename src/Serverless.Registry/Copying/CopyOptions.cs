using Serverless.Registry.Access;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>What can be chosen about a copy.</summary>
public sealed record CopyOptions
{
    /// <summary>Whether to tell what would be copied and to write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>The platform, as <c>os/architecture</c>, of which the first is taken, or <c>os/architecture/variant</c>, whose image is taken out of an index; null copies the index with all of them.</summary>
    public string? Platform { get; init; }

    /// <summary>Whether signatures, SBOMs and whatever else refers to an image come along.</summary>
    public bool Referrers { get; init; } = true;

    /// <summary>
    /// Whether tags of the referrers tag schema stay tags (OCI distribution specification 1.1.1, "Referrers Tag Schema"); what they list comes along as referrers in any case.
    /// </summary>
    public bool KeepReferrersTags { get; init; }

    /// <summary>How many blobs are copied at a time, of all images together. Default: 4.</summary>
    public int MaxParallel { get; init; } = 4;

    /// <summary>How often a source or a target that breaks off or is busy is asked again for a blob.</summary>
    public CopyPatience Patience { get; init; } = CopyPatience.Default;

    /// <summary>
    /// From which repositories here a blob may be taken in place of the source: those that whoever asks for the copy may pull from. A digest alone proves nothing, and a source can name
    /// any. Default: from all, as for the operator.
    /// </summary>
    public AccessRights MountFrom { get; init; } = AccessRights.All;

    /// <summary>Where it is noted how far large blobs have come; null: a blob that is cut off begins anew.</summary>
    public IUploadNotes? Notes { get; init; }

    /// <summary>Bytes of a large blob after which what has come is kept, where it is noted; a blob up to this size comes in one piece. Default: 64 MiB.</summary>
    public long PartSize { get; init; } = 64 << 20;

    /// <summary>Which tags of a repository are copied.</summary>
    public Func<Tag, bool> Tags { get; init; } = _ => true;
}
