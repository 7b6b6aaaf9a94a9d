using Serverless.Registry.Verification;

namespace Serverless.Cli.Output;

/// <summary>Something that does not fit together.</summary>
/// <param name="Kind">What, as in the documentation of <see cref="VerifyKind"/>.</param>
/// <param name="Repository">Where; null when it belongs to no one repository.</param>
/// <param name="Digest">The blob or manifest; null when it is about none.</param>
/// <param name="Object">The stored object; null when it is about none.</param>
/// <param name="Note">What was found.</param>
/// <param name="Repaired">Whether it was repaired.</param>
internal sealed record FindingEntry(string Kind, string? Repository, string? Digest, string? Object, string Note, bool Repaired)
{
    public static FindingEntry Of(VerifyFinding finding) =>
        new(finding.Kind.ToString(), finding.Repository?.ToString(), finding.Digest?.ToString(), finding.ObjectName, finding.Note, finding.Repaired);

    public string ToLine() => string.Join('\t', Kind, Repository ?? "-", Digest ?? "-", Object ?? "-", Repaired ? "repaired" : "-", Note);
}
