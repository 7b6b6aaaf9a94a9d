using System.Text.RegularExpressions;

namespace Serverless.Web.Settings;

/// <summary>Where uploads go on, once they have begun: here, or where a server of their own takes them.</summary>
public sealed partial record UploadSettings
{
    /// <summary>The address of the server of uploads, on a name of its own, where a capability is the only proof; null when there is none.</summary>
    public Uri? Host { get; private init; }

    /// <summary>The path that leads to the server of uploads on the registry's own name; null when there is none.</summary>
    public string? Path { get; private init; }

    /// <summary>Whether this process is that server, and serves nothing else.</summary>
    public bool Only { get; private init; }

    /// <summary>Whether capabilities are the only proof here.</summary>
    public bool ByCapability => Only && Host is not null;

    /// <summary>Reads <c>Uploads:Url</c> and <c>Uploads:Only</c>.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="publicUrl">The registry's public address.</param>
    /// <param name="prefix">What every path begins with here.</param>
    public static UploadSettings Read(SettingsReader reader, Uri? publicUrl, string prefix)
    {
        var (url, only) = (reader.Text("Uploads:Url"), reader.Flag("Uploads:Only", false));
        var settings = new UploadSettings { Only = only };
        if (url is null)
        {
            if (only) reader.Problem("Uploads:Only", "needs Uploads:Url, as the registry has it.");
        }
        else if (PathGrammar().IsMatch(url))
        {
            settings = settings with { Path = url };
            if (only && prefix != url) reader.Problem("Prefix", $"must be {url}, like Uploads:Url.");
            if (!only && prefix.Length > 0) reader.Problem("Uploads:Url", "cannot be a path where there is a Prefix.");
        }
        else if (Uri.TryCreate(url, UriKind.Absolute, out var host) && IsOwnName(host, publicUrl))
        {
            settings = settings with { Host = host };
            if (only && publicUrl is null) reader.Problem("PublicUrl", "must be set, to the registry's own address: a server of uploads has no other way to know it.");
            if (only && prefix.Length > 0) reader.Problem("Prefix", "must not be set on a server of uploads that has a name of its own.");
        }
        else
        {
            reader.Problem("Uploads:Url", "must be a path such as /v2/-uploads, or an https address of a name of its own such as https://uploads.example.com.");
        }

        return settings;
    }

    // Clients that follow to another host are wary of addresses in figures and of other ports; whoever knows a path below the host is nobody that sends layers.
    private static bool IsOwnName(Uri host, Uri? publicUrl) =>
        host is { Scheme: "https", HostNameType: UriHostNameType.Dns, IsDefaultPort: true, AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
        && !host.Host.Equals(publicUrl?.Host, StringComparison.OrdinalIgnoreCase);

    // Clients know their challenge by what stands before the first /v2/, and no repository begins with a hyphen.
    [GeneratedRegex(@"\A/v2/-[a-z0-9-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathGrammar();
}
