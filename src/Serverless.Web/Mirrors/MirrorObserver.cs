using Serverless.Registry.Copying;
using Serverless.Registry.Mirrors;
using Serverless.Registry.Oci;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Mirrors;

/// <summary>Counts what mirrors do, and tells of what goes wrong.</summary>
internal sealed partial class MirrorObserver(MirrorMetrics metrics, ILogger<MirrorObserver> logger) : IMirrorObserver
{
    public void Asked(string mirror, MirrorOutcome outcome) => metrics.Asked(mirror, outcome switch
    {
        MirrorOutcome.Here => "here",
        MirrorOutcome.Confirmed => "confirmed",
        MirrorOutcome.Fetched => "fetched",
        MirrorOutcome.Stale => "stale",
        MirrorOutcome.Absent => "absent",
        _ => "failed",
    });

    public void Fetched(string mirror, long bytes) => metrics.Fetched(mirror, bytes);

    // The failure's message has no secrets, and its stack tells nothing that the message does not.
    public void SourceFailed(string mirror, RepositoryName repository, string what, ImageSourceException failure) => LogFailed(mirror, repository, what, failure.Message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mirror {Mirror} could not ask for {What} of {Repository}: {Reason}")]
    private partial void LogFailed(string mirror, RepositoryName repository, string what, string reason);
}
