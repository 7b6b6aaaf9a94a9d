using System.Text.RegularExpressions;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;

namespace Serverless.Web.Settings;

/// <summary>The settings of one mirror.</summary>
public sealed partial record MirrorSettings
{
    private const string DockerHub = "docker.io";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromSeconds(60);
    private static readonly Uri s_none = new("https://none.invalid");

    // What people, and settings of other mirrors, call Docker Hub.
    private static readonly string[] s_dockerHub = [DockerHub, "index.docker.io", "registry-1.docker.io"];

    /// <summary>What is mirrored, and for how long.</summary>
    public required MirrorRule Rule { get; init; }

    /// <summary>The address of the other registry.</summary>
    public required Uri Remote { get; init; }

    /// <summary>The user who reads there; null: nobody in particular, or who has the token.</summary>
    public string? User { get; init; }

    /// <summary>The user's password, or the token where there is no user; null: neither.</summary>
    public string? Secret { get; init; }

    /// <summary>Hosts besides the registry's own that may be given the user and the password.</summary>
    public IReadOnlyList<string> TrustedRealms { get; init; } = [];

    /// <summary>How long an answer may be awaited, and a blob may bring no bytes.</summary>
    public TimeSpan Timeout { get; init; } = s_timeout;

    /// <summary>Names by which this registry is asked as if it were the other one, as Docker's <c>registry-mirrors</c> do.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What clients call the other registry in <c>?ns=</c>, which containerd sends: host and port.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>What goes of what the mirror holds: tags that nobody pulls.</summary>
    public RetentionRule Retention => new() { Repositories = Rule.Prefix + "*", NotPulledFor = Rule.KeptFor, OnlyMirrored = true };

    /// <summary>The name alone: the rest may be secrets.</summary>
    public override string ToString() => Rule.Name;

    /// <summary>Reads the settings below <c>Mirror</c>, a section for each.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="outbound">Where the registry may go.</param>
    public static IReadOnlyList<MirrorSettings> ReadAll(SettingsReader reader, OutboundSettings outbound)
    {
        var mirrors = new List<MirrorSettings>();
        foreach (var key in reader.Sections("Mirror"))
        {
            var name = key[(key.LastIndexOf(':') + 1)..].ToLowerInvariant();
            if (!NameGrammar().IsMatch(name)) reader.Problem(key, "must be named with 1 to 32 letters, digits and hyphens.");
            mirrors.Add(Read(reader, key, name, outbound));
        }

        foreach (var mirror in mirrors)
        {
            if (mirrors.Any(m => m != mirror && m.Hosts.Intersect(mirror.Hosts, StringComparer.OrdinalIgnoreCase).Any())) reader.Problem($"Mirror:{mirror}:Hosts", "must not have a name that another mirror has.");
        }

        return mirrors;
    }

    private static MirrorSettings Read(SettingsReader reader, string key, string name, OutboundSettings outbound)
    {
        var defaults = new MirrorRule(name, name + "/");
        var (user, password, token) = (reader.Text(key + ":User"), reader.Text(key + ":Password"), reader.Text(key + ":Token"));
        var settings = new MirrorSettings
        {
            Rule = new MirrorRule(name, ReadPrefix(reader, key))
            {
                Tags = reader.List(key + ":Tags", "a tag, with * for any text and ? for one character", ParsePattern),
                TagLifetime = reader.Duration(key + ":Ttl", defaults.TagLifetime),
                StaleIfDown = reader.Flag(key + ":StaleIfDown", defaults.StaleIfDown),
                KeptFor = reader.Duration(key + ":KeptFor", defaults.KeptFor),
            },
            Remote = ReadRemote(reader, key, outbound),
            User = user,
            Secret = user is null ? token : password,
            TrustedRealms = reader.List(key + ":TrustedRealms", "the name of a host", ParseHost),
            Timeout = reader.Duration(key + ":Timeout", s_timeout),
            Namespaces = reader.List(key + ":Namespaces", "a host, with its port where that is not the usual one", ParseNamespace),
            Hosts = reader.List(key + ":Hosts", "a host name or an IP address without a port", ParseHost),
        };
        if (settings.Namespaces.Count == 0) settings = settings with { Namespaces = s_dockerHub.Contains(settings.Remote.IdnHost) ? s_dockerHub : [settings.Remote.Authority] };
        if ((user is null) != (password is null)) reader.Problem(key + ":Password", $"must be set together with {SettingsReader.Root}:{key}:User.");
        if (user?.Contains(':', StringComparison.Ordinal) == true) reader.Problem(key + ":User", "must have no colon.");
        if (token is not null && user is not null) reader.Problem(key + ":Token", $"must not be set together with {SettingsReader.Root}:{key}:User.");
        if (token?.All(c => c is > ' ' and < '\x7f') == false) reader.Problem(key + ":Token", "must have only printable ASCII characters, and no spaces.");
        if (settings.Timeout > s_longestTimeout) reader.Problem(key + ":Timeout", $"must be at most {s_longestTimeout:c}.");
        return settings;
    }

    private static string ReadPrefix(SettingsReader reader, string key)
    {
        var prefix = reader.Text(key + ":Prefix")?.TrimEnd('/');
        if (RepositoryName.TryParse(prefix, out _)) return prefix + "/";
        reader.Problem(key + ":Prefix", "must be what the names of the mirror's repositories begin with, such as docker-hub/.");
        return "none/";
    }

    private static Uri ReadRemote(SettingsReader reader, string key, OutboundSettings outbound)
    {
        if (reader.Url(key + ":Remote") is not { } remote || remote.AbsolutePath != "/")
        {
            reader.Problem(key + ":Remote", "must be the address of a registry, such as https://registry-1.docker.io, without a path.");
            return s_none;
        }

        if (outbound.FindProblem(remote) is { } problem) reader.Problem(key + ":Remote", problem);
        return remote;
    }

    private static string ParseHost(string text) => Uri.CheckHostName(text) == UriHostNameType.Unknown ? throw new ArgumentException(text) : text;

    private static string ParseNamespace(string text) =>
        Uri.TryCreate("https://" + text, UriKind.Absolute, out var url) && url.Authority.Equals(text, StringComparison.OrdinalIgnoreCase) ? text : throw new ArgumentException(text);

    private static string ParsePattern(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "._-*?".Contains(c, StringComparison.Ordinal)) ? text : throw new ArgumentException(text);

    // The names are parts of metrics and of histories.
    [GeneratedRegex(@"\A[a-z0-9-]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar();
}
