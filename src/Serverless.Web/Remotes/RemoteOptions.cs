using Serverless.Registry.Copying;

namespace Serverless.Web.Remotes;

/// <summary>Another registry, and what it is asked with.</summary>
public sealed record RemoteOptions
{
    /// <summary>Its address: <c>https://host[:port]</c>, or only <c>host[:port]</c>. http only where <c>Outbound:Allow</c> names the host.</summary>
    public required string Address { get; init; }

    /// <summary>Who asks; null: nobody in particular.</summary>
    public RemoteCredentials? Credentials { get; init; }

    /// <summary>Hosts, in any case, that may be given the user and the password when the registry says that tokens come from there. The registry's own host always may.</summary>
    public IReadOnlyCollection<string> TrustedRealms { get; init; } = [];

    /// <summary>
    /// How often manifests and pages of lists are asked for again where the registry breaks off, is busy (429) or fails (5xx). Blobs are not: who reads one knows how far he has come.
    /// Default: the first answer counts.
    /// </summary>
    public CopyPatience Patience { get; init; } = CopyPatience.None;

    /// <summary>How long an answer may be awaited, a document may take, and a blob may bring no bytes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
