namespace Serverless.Registry.Verification;

/// <summary>How far a run of the verifier has come.</summary>
/// <param name="Part">Which rows it was at; those before were all looked at.</param>
/// <param name="Partition">The last partition of them that is done.</param>
/// <param name="KnowsAll">Whether every row and manifest could be read so far.</param>
internal sealed record VerifyCursor(VerifyPart Part, string Partition, bool KnowsAll)
{
    /// <summary>Before the beginning.</summary>
    public static VerifyCursor Start { get; } = new(VerifyPart.Blobs, "", true);

    /// <summary>Reads what <see cref="ToString"/> wrote. What makes no sense is the beginning: then things are looked at twice.</summary>
    public static VerifyCursor Parse(string? text) => text?.Split('|') is [var name, var partition, "all" or "some"] words && Enum.TryParse<VerifyPart>(name, out var part)
        ? new VerifyCursor(part, partition, words[2] == "all")
        : Start;

    /// <summary>Whether the partition was done by an earlier run.</summary>
    public bool IsDone(VerifyPart part, string partition) => part < Part || (part == Part && string.CompareOrdinal(partition, Partition) <= 0);

    public override string ToString() => $"{Part}|{Partition}|{(KnowsAll ? "all" : "some")}";
}

/// <summary>The rows that the verifier walks, one kind after the other.</summary>
internal enum VerifyPart
{
    /// <summary>Blobs and their links, by digest.</summary>
    Blobs,

    /// <summary>Repositories.</summary>
    Repositories,
}
