using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Mirrors;

/// <summary>What became of a request for something of a mirror.</summary>
public enum MirrorOutcome
{
    /// <summary>It was here.</summary>
    Here,

    /// <summary>It was here, and the source says that it is still so.</summary>
    Confirmed,

    /// <summary>It came from the source.</summary>
    Fetched,

    /// <summary>It was here, and the source could not be asked whether it is still so.</summary>
    Stale,

    /// <summary>The source does not have it.</summary>
    Absent,

    /// <summary>The source could not be asked, or sent something else.</summary>
    Failed,
}

/// <summary>Told of what mirrors do.</summary>
public interface IMirrorObserver
{
    /// <summary>Somebody has asked for a manifest or a blob.</summary>
    void Asked(string mirror, MirrorOutcome outcome);

    /// <summary>Bytes of a blob have come from the source.</summary>
    void Fetched(string mirror, long bytes);

    /// <summary>The source could not be asked, or sent something else. What is here is served in its place, if there is anything.</summary>
    void SourceFailed(string mirror, RepositoryName repository, string what, ImageSourceException failure);
}
