namespace Serverless.Registry.Verification;

/// <summary>What a run looked at and found.</summary>
public sealed class VerifySummary
{
    private readonly SortedDictionary<VerifyKind, int> _findings = [];

    /// <summary>How many findings there are of each kind that was found.</summary>
    public IReadOnlyDictionary<VerifyKind, int> Findings => _findings;

    /// <summary>Findings that were repaired.</summary>
    public int Repaired { get; private set; }

    /// <summary>Whether everything could be read and checked; otherwise there may be more to find.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>Objects that are stored.</summary>
    public long Objects { get; internal set; }

    /// <summary>Blobs.</summary>
    public long Blobs { get; internal set; }

    /// <summary>What the blobs take, in bytes, each once; together with <see cref="Blobs"/>.</summary>
    public long BlobBytes { get; internal set; }

    /// <summary>Links of repositories to blobs.</summary>
    public long Links { get; internal set; }

    /// <summary>Repositories that hold anything.</summary>
    public long Repositories { get; internal set; }

    /// <summary>Manifests.</summary>
    public long Manifests { get; internal set; }

    /// <summary>Tags.</summary>
    public long Tags { get; internal set; }

    /// <summary>Bytes that were read and hashed.</summary>
    public long HashedBytes { get; internal set; }

    internal void Add(VerifyFinding finding)
    {
        _findings[finding.Kind] = _findings.GetValueOrDefault(finding.Kind) + 1;
        if (finding.Repaired) Repaired++;
    }
}
