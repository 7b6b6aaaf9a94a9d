using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using static System.FormattableString;

namespace Serverless.Registry.Core;

/// <summary>What can be chosen about a registry. The defaults are good for production.</summary>
public sealed record RegistryOptions
{
    /// <summary>The shortest secret of uploads, in bytes: as long as the hash that it keys.</summary>
    public const int MinSecretLength = 32;

    // In a container .NET may use three quarters of what the container has.
    private static readonly int s_defaultUploadMemory = (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, 64 << 20, 512 << 20);

    /// <summary>
    /// How long nothing that was touched may be collected. Longer than <see cref="UploadLifetime"/> and the longest request together, and than
    /// <see cref="AnnouncementMemory"/> and the longest request together. Default: 24 hours.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long an upload session may be used, counted from its start. Default: 12 hours.</summary>
    public TimeSpan UploadLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The longest that one request may take, by when whoever serves requests ends it. Default: 4 hours.</summary>
    public TimeSpan LongestRequest { get; init; } = TimeSpan.FromHours(4);

    /// <summary>
    /// How long an instance relies on a row of the queue or the catalog that it wrote, and does not write it again. Shorter than the grace by the longest
    /// request at least. Default: 10 minutes.
    /// </summary>
    public TimeSpan AnnouncementMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes in a staged block; a blob up to this size is put in one call. Default: 8 MiB.</summary>
    public int BlockSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>How many blocks of one blob travel to storage at a time, while memory lasts. Default: 2, for many who push at once; more for somebody who sends alone and far.</summary>
    public int BlocksInFlight { get; init; } = 2;

    /// <summary>
    /// Bytes that the bodies of all requests hold at a time, of uploads and of manifests; who finds none left is not read on until there is some. At least a block, and
    /// <see cref="ManifestCopies"/> times the largest manifest. Default: a quarter of the memory that .NET may use, at least 64 MiB and at most 512 MiB.
    /// </summary>
    public int UploadMemory { get; init; } = s_defaultUploadMemory;

    /// <summary>How many times its size a manifest that is being pushed takes: as it came, in one piece, parsed, and as rows.</summary>
    public const int ManifestCopies = 4;

    /// <summary>How many endpoints may be told of events: each is a row in the batch of a change.</summary>
    public const int MaxEventEndpoints = 8;

    /// <summary>How many blocks storage takes for one object.</summary>
    public const int MaxBlocks = 50_000;

    /// <summary>The largest blob, in bytes: as many blocks as storage takes for one object.</summary>
    public long MaxBlobSize => (long)MaxBlocks * BlockSize;

    /// <summary>The largest manifest, in bytes. Default: 4 MiB.</summary>
    public int MaxManifestSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many blobs and manifests one manifest may name: each costs a call to storage. Default: 4,096.</summary>
    public int MaxReferences { get; init; } = 4096;

    /// <summary>How many tags one manifest may be given in one go. Default: 10.</summary>
    public int MaxTagsPerManifest { get; init; } = 10;

    /// <summary>How many moves of a tag are remembered, the present included; between 1 and 900. Default: 100.</summary>
    public int TagHistoryLength { get; init; } = 100;

    /// <summary>How many referrers one page lists. Default: 1,000.</summary>
    public int MaxReferrersInPage { get; init; } = 1000;

    /// <summary>
    /// The secret, at least 32 bytes, that signs upload sessions and seals places in the catalog. Null: one is made on first use and kept in the system table for all instances.
    /// </summary>
    public ReadOnlyMemory<byte>? UploadSecret { get; init; }

    /// <summary>The manifest types that are accepted.</summary>
    public ManifestTypes ManifestTypes { get; init; } = ManifestTypes.Default;

    /// <summary>What is demanded of manifests beyond the specification.</summary>
    public ManifestRules ManifestRules { get; init; } = new();

    /// <summary>Tags that may neither be moved nor deleted.</summary>
    public IReadOnlyList<ImmutableTags> ImmutableTags { get; init; } = [];

    /// <summary>Who is told of what happens.</summary>
    public IReadOnlyList<EventSubscription> Events { get; init; } = [];

    /// <summary>Repositories that hold what other registries have.</summary>
    public IReadOnlyList<MirrorRule> Mirrors { get; init; } = [];

    /// <summary>How the switches stand unless they are set at run time.</summary>
    public SwitchState Switches { get; init; } = new();

    /// <summary>How long a finished upload may be finished again, because an answer was lost; another time only in tests. Far shorter than a grace: later it would bring back what was deleted.</summary>
    internal TimeSpan FinishedUploadMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The number of this release; another one only in tests.</summary>
    internal RegistryFormat Format { get; init; } = RegistryFormat.Current;

    /// <summary>The repositories that this registry is for.</summary>
    public RegistryScope Scope { get; init; } = RegistryScope.Everything;

    /// <summary>The mirror that a repository belongs to; null: none.</summary>
    public MirrorRule? FindMirror(RepositoryName repository)
    {
        foreach (var mirror in Mirrors)
        {
            if (mirror.Holds(repository)) return mirror;
        }

        return null;
    }

    /// <summary>What is wrong with the choices, each beginning with the name of one and with the values of all that do not fit together; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (UploadLifetime <= TimeSpan.Zero) yield return "UploadLifetime must be positive.";
        if (LongestRequest <= TimeSpan.Zero) yield return "LongestRequest must be positive.";
        if (Grace < UploadLifetime + LongestRequest) yield return $"Grace ({Grace:c}) must be at least UploadLifetime ({UploadLifetime:c}) and LongestRequest ({LongestRequest:c}) together.";
        if (AnnouncementMemory < TimeSpan.Zero) yield return "AnnouncementMemory must not be negative.";
        if (Grace < AnnouncementMemory + LongestRequest) yield return $"Grace ({Grace:c}) must be at least LongestRequest ({LongestRequest:c}) and AnnouncementMemory ({AnnouncementMemory:c}) together.";
        if (BlockSize is < 64 * 1024 or > 64 * 1024 * 1024) yield return "BlockSize must be between 64 KiB and 64 MiB.";
        if (MaxManifestSize is < 64 * 1024 or > 16 * 1024 * 1024) yield return "MaxManifestSize must be between 64 KiB and 16 MiB.";
        if (BlocksInFlight is < 1 or > 64) yield return "BlocksInFlight must be between 1 and 64.";
        if (UploadMemory < BlockSize) yield return Invariant($"UploadMemory ({UploadMemory}) must be at least BlockSize ({BlockSize}).");
        if (UploadMemory < ManifestCopies * MaxManifestSize) yield return Invariant($"UploadMemory ({UploadMemory}) must be at least {ManifestCopies} times MaxManifestSize ({MaxManifestSize}).");
        if (Events.Count > MaxEventEndpoints) yield return $"Events must name at most {MaxEventEndpoints} endpoints.";
        foreach (var problem in MirrorRule.Validate(Mirrors, Grace)) yield return problem;
        // A batch takes 100 rows and 4 MiB, and each tag is two rows and up to 64 KiB of payload, in base64.
        if (MaxTagsPerManifest is < 1 or > 20) yield return "MaxTagsPerManifest must be between 1 and 20.";
        if (TagHistoryLength is < 1 or > 900) yield return "TagHistoryLength must be between 1 and 900.";
        if (MaxReferrersInPage < 1) yield return "MaxReferrersInPage must be positive.";
        if (UploadSecret is { Length: < MinSecretLength }) yield return $"UploadSecret must have at least {MinSecretLength} bytes.";
    }
}
