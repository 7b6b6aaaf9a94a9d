namespace Serverless.Registry.Verification;

/// <summary>How far a run of the verifier has come.</summary>
/// <param name="Part">What it was at; the parts before were all done.</param>
/// <param name="Partition">The last partition of its pass that is done.</param>
/// <param name="Links">Where the pass over repositories began; those before are done.</param>
/// <param name="Objects">Where the pass over objects began, or the next one is to begin; null when the first has all of them.</param>
/// <param name="Checked">In the pass over objects, the part before which rows were compared with their objects by an earlier pass; null when all were, empty when none was.</param>
/// <param name="KnowsAll">Whether every row and manifest could be read so far.</param>
internal sealed record VerifyCursor(VerifyPart Part, string Partition, LinkPlace Links, string? Objects, string? Checked, bool KnowsAll)
{
    private const string None = "-";

    /// <summary>Before the beginning.</summary>
    public static VerifyCursor Start { get; } = new(VerifyPart.Blobs, "", LinkPlace.Start, null, "", true);

    /// <summary>Whether it is in the first pass, which looks at blobs, repositories and objects in one.</summary>
    public bool IsInFirstPass => Part == VerifyPart.Blobs || (Part == VerifyPart.Repositories && Links == LinkPlace.Start);

    /// <summary>Reads what <see cref="ToString"/> wrote. What makes no sense is the beginning: then things are looked at twice.</summary>
    public static VerifyCursor Parse(string? text) =>
        text?.Split('|') is [var name, var partition, var repository, var digest, var objects, var before, "all" or "some"] words && Enum.TryParse<VerifyPart>(name, out var part)
            ? new VerifyCursor(part, partition, new LinkPlace(repository, digest), Read(objects), Read(before), words[^1] == "all")
            : Start;

    /// <summary>Whether the partition was done by an earlier run, in the same pass.</summary>
    public bool IsDone(VerifyPart part, string partition) => part < Part || (part == Part && string.CompareOrdinal(partition, Partition) <= 0);

    public override string ToString() => $"{Part}|{Partition}|{Links.Repository}|{Links.Digest}|{Objects ?? None}|{Checked ?? None}|{(KnowsAll ? "all" : "some")}";

    private static string? Read(string text) => text == None ? null : text;
}

/// <summary>What the verifier walks, one after the other.</summary>
internal enum VerifyPart
{
    /// <summary>Blobs and their links, by digest.</summary>
    Blobs,

    /// <summary>Repositories.</summary>
    Repositories,

    /// <summary>Blobs and their links once more, by digest, for the objects that the first pass had no room for.</summary>
    Objects,
}
