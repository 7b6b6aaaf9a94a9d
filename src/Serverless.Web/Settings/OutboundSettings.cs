using System.Net;

namespace Serverless.Web.Settings;

/// <summary>Where the registry may go by itself, beside its storage and what else of Azure it is told to use.</summary>
/// <param name="Allowed">
/// Hosts, by name or address, in any case: they may be at addresses of one's own network and be asked over http. All others must be public and speak https.
/// </param>
public sealed record OutboundSettings(IReadOnlySet<string> Allowed)
{
    /// <summary>No host of one's own network.</summary>
    public static OutboundSettings None { get; } = new(new HashSet<string>());

    /// <summary>Reads the settings below <c>Outbound</c>.</summary>
    public static OutboundSettings Read(SettingsReader reader) =>
        new(reader.List("Outbound:Allow", "the name or address of a host, without scheme, port and wildcards", ParseHost).ToHashSet(StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether a host of one's own network is meant.</summary>
    public bool Allows(string host) => Allowed.Contains(host.Trim('[', ']'));

    /// <summary>Why an address cannot be asked, as far as its text tells; null when it can. What its name leads to is looked at with every connection.</summary>
    public string? FindProblem(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && Allows(address.Host))
            ? null
            : $"must be an https URL, or {SettingsReader.Root}:Outbound:Allow must name its host.";

    private static string ParseHost(string text) =>
        IPAddress.TryParse(text.Trim('[', ']'), out var address) ? address.ToString()
        : Uri.CheckHostName(text) == UriHostNameType.Dns ? text
        : throw new ArgumentException(text);
}
