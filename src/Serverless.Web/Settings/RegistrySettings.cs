using System.Text;
using System.Text.RegularExpressions;
using Serverless.Registry.Core;
using Serverless.Registry.Health;
using Serverless.Registry.Storage;

namespace Serverless.Web.Settings;

/// <summary>The settings of the registry, read once at its start. Whoever needs only a part of them is told that part.</summary>
public sealed partial record RegistrySettings
{
    private static readonly Dictionary<string, string> s_keys = new(StringComparer.Ordinal)
    {
        [nameof(RegistryOptions.Grace)] = "GarbageCollection:Grace",
        [nameof(RegistryOptions.UploadLifetime)] = "Uploads:Lifetime",
        [nameof(RegistryOptions.LongestRequest)] = "Uploads:LongestRequest",
        [nameof(RegistryOptions.BlockSize)] = "Uploads:BlockSize",
        [nameof(RegistryOptions.UploadMemory)] = "Uploads:Memory",
        [nameof(RegistryOptions.MaxManifestSize)] = "Manifests:MaxSize",
        [nameof(RegistryOptions.Mirrors)] = "Mirror",
    };

    private const string UrlExpressionText = "a regular expression without look-around or back-references";

    /// <summary>Where the registry keeps what it holds.</summary>
    public required StorageSettings Storage { get; init; }

    /// <summary>The address under which clients know the registry; null answers with relative locations.</summary>
    public Uri? PublicUrl { get; private init; }

    /// <summary>What every path begins with, without a slash at its end; empty for none.</summary>
    public string Prefix { get; private init; } = "";

    /// <summary>Names by which a registry that is open to its own machine answers besides those of loopback and that of <see cref="PublicUrl"/>.</summary>
    public IReadOnlyList<string> AllowedHosts { get; private init; } = [];

    /// <summary>Origins whose pages may read the registry's answers, as browsers send them.</summary>
    public IReadOnlyList<string> Origins { get; private init; } = [];

    /// <summary>Where uploads go on, once they have begun.</summary>
    public required UploadSettings Uploads { get; init; }

    /// <summary>What is put up with from those who connect.</summary>
    public required ConnectionSettings Connections { get; init; }

    /// <summary>How blobs are downloaded.</summary>
    public required DownloadSettings Downloads { get; init; }

    /// <summary>How much may be pulled in a minute.</summary>
    public required PullSettings Pulls { get; init; }

    /// <summary>How long lists may be.</summary>
    public required ListSettings Lists { get; init; }

    /// <summary>Whether it is noted when tags were last pulled.</summary>
    public bool NotePulls { get; private init; }

    /// <summary>Where the registry may go by itself.</summary>
    public required OutboundSettings Outbound { get; init; }

    /// <summary>Who is told of what happens.</summary>
    public required EventSettings Events { get; init; }

    /// <summary>Other registries that are mirrored.</summary>
    public required IReadOnlyList<MirrorSettings> Mirrors { get; init; }

    /// <summary>The API for operators.</summary>
    public ApiSettings Api { get; private init; } = new(true, 100, 2);

    /// <summary>The page for people.</summary>
    public PageSettings Page { get; private init; } = new(true);

    /// <summary>Who may do what.</summary>
    public required AuthSettings Auth { get; init; }

    /// <summary>What is done from time to time.</summary>
    public required MaintenanceSettings Maintenance { get; init; }

    /// <summary>When the registry is healthy.</summary>
    public HealthOptions Health { get; private init; } = new();

    /// <summary>Who may read what is measured.</summary>
    public MetricsAccess MetricsAccess { get; private init; }

    /// <summary>How long requests may take to end when the process is told to.</summary>
    public TimeSpan ShutdownGrace { get; private init; }

    /// <summary>The choices of the registry proper.</summary>
    public required RegistryOptions Registry { get; init; }

    /// <summary>Reads all settings.</summary>
    /// <param name="reader">Where they are read from.</param>
    /// <param name="host">What runs the registry and has demands of its own; null: nothing does, as with the operator's tool.</param>
    /// <exception cref="SettingsException">A value is bad, or values do not fit together. It has every problem, not only the first.</exception>
    public static RegistrySettings Read(SettingsReader reader, RegistryHost? host = null)
    {
        var (publicUrl, prefix) = (reader.Url("PublicUrl"), (reader.Text("Prefix") ?? "").TrimEnd('/'));
        var outbound = OutboundSettings.Read(reader);
        var events = EventSettings.Read(reader, publicUrl is null ? null : new Uri(publicUrl.AbsoluteUri.TrimEnd('/') + prefix), outbound);
        var mirrors = MirrorSettings.ReadAll(reader, outbound);
        var registry = ReadRegistry(reader) with { Events = events.Subscriptions, Mirrors = [.. mirrors.Select(m => m.Rule)] };
        var api = ApiSettings.Read(reader);
        var settings = new RegistrySettings
        {
            Storage = StorageSettings.Read(reader),
            PublicUrl = publicUrl,
            Outbound = outbound,
            Events = events,
            Mirrors = mirrors,
            Auth = AuthSettings.Read(reader, publicUrl, outbound),
            Prefix = prefix,
            AllowedHosts = reader.List("AllowedHosts", "a host name or an IP address without a port", static text => Uri.CheckHostName(text) == UriHostNameType.Unknown ? throw new ArgumentException(text) : text),
            Origins = reader.List("Cors:Origins", "an origin as browsers send it, such as https://ui.example.com or http://localhost:3000", ParseOrigin),
            Uploads = UploadSettings.Read(reader, publicUrl, prefix),
            Connections = ConnectionSettings.Read(reader),
            Downloads = new DownloadSettings(reader.Flag("Redirect:Enabled", true), reader.Duration("Redirect:Lifetime", TimeSpan.FromMinutes(5))),
            Pulls = PullSettings.Read(reader),
            Lists = new ListSettings(reader.Number("Catalog:MaxEntries", RowQuery.MaxPageSize, 1, 100_000), reader.Number("Tags:MaxEntries", RowQuery.MaxPageSize, 1, 100_000)),
            NotePulls = reader.Flag("Tags:NotePulls", false),
            // Container platforms kill after 30 seconds unless told otherwise; the rest is for what is to be sent about it all.
            ShutdownGrace = reader.Duration("Shutdown:Grace", TimeSpan.FromSeconds(25)),
            MetricsAccess = reader.Choice("Metrics:Access", MetricsAccess.Loopback),
            Health = new HealthOptions
            {
                QueueOverdue = reader.Duration("Health:QueueOverdue", new HealthOptions().QueueOverdue),
                EventsOverdue = reader.Duration("Health:EventsOverdue", new HealthOptions().EventsOverdue),
                Endpoints = [.. registry.Events.Select(e => e.Name)],
            },
            Registry = registry,
            Api = api,
            Page = PageSettings.Read(reader),
            Maintenance = MaintenanceSettings.Read(reader, registry, mirrors, api.Enabled),
        };
        settings.Check(reader);
        host?.Check(settings, reader);
        return reader.Problems.Count == 0 ? settings : throw new SettingsException(reader.Problems);
    }

    private void Check(SettingsReader reader)
    {
        // In mirrors pulls are noted in any case.
        if (!NotePulls && Maintenance.Retention.Skip(Mirrors.Count).Any(r => r.NotPulledFor is not null)) reader.Problem("Tags:NotePulls", "must be true for a rule of Retention with NotPulledFor.");
        if (!PrefixGrammar().IsMatch(Prefix)) reader.Problem("Prefix", "must be a path such as /registry, of lower-case letters, digits, hyphens and slashes.");
        if (Downloads.Lifetime > Registry.Grace / 2) reader.Problem("Redirect:Lifetime", $"({Downloads.Lifetime:c}) must be at most half of {SettingsReader.Root}:GarbageCollection:Grace ({Registry.Grace:c}).");
        foreach (var problem in Registry.Validate()) Problem(reader, problem);
    }

    // The registry proper knows its choices by other names than those who set them.
    private static void Problem(SettingsReader reader, string problem)
    {
        var end = problem.IndexOf(' ', StringComparison.Ordinal);
        reader.Problem(s_keys.GetValueOrDefault(problem[..end], problem[..end]), OptionName().Replace(problem[(end + 1)..], m => s_keys.TryGetValue(m.Value, out var key) ? $"{SettingsReader.Root}:{key}" : m.Value));
    }

    // Scheme, host, and the port unless it is the scheme's own.
    private static string ParseOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase)
            ? text
            : throw new ArgumentException(text);

    private static RegistryOptions ReadRegistry(SettingsReader reader)
    {
        var defaults = new RegistryOptions();
        return new RegistryOptions
        {
            UploadLifetime = reader.Duration("Uploads:Lifetime", defaults.UploadLifetime),
            LongestRequest = reader.Duration("Uploads:LongestRequest", defaults.LongestRequest),
            BlockSize = reader.Number("Uploads:BlockSize", defaults.BlockSize, 64 * 1024, 64 * 1024 * 1024),
            UploadMemory = reader.Number("Uploads:Memory", defaults.UploadMemory, 1024 * 1024, int.MaxValue),
            UploadSecret = ReadSecret(reader),
            MaxManifestSize = reader.Number("Manifests:MaxSize", defaults.MaxManifestSize, 64 * 1024, 16 * 1024 * 1024),
            MaxReferences = reader.Number("Manifests:MaxReferences", defaults.MaxReferences, 1, 100_000),
            MaxTagsPerManifest = reader.Number("Manifests:MaxTags", defaults.MaxTagsPerManifest, 1, 20),
            TagHistoryLength = reader.Number("Tags:HistoryLength", defaults.TagHistoryLength, 1, 900),
            ManifestRules = ReadManifestRules(reader),
            ImmutableTags = reader.Sections("Tags:Immutable").Select(rule => new ImmutableTags(
                reader.Text(rule + ":Repositories") ?? "*", reader.Text(rule + ":Tags") ?? "*", reader.List(rule + ":Except", "a pattern", static text => text))).ToList(),
            Switches = new SwitchState(reader.Flag("ReadOnly", false), reader.Flag("Delete:Enabled", true)),
            Grace = reader.Duration("GarbageCollection:Grace", defaults.Grace),
        };
    }

    private static ReadOnlyMemory<byte>? ReadSecret(SettingsReader reader)
    {
        if (reader.Text("Uploads:Secret") is not { } text) return null;
        var secret = Encoding.UTF8.GetBytes(text);
        if (secret.Length >= RegistryOptions.MinSecretLength) return secret;
        reader.Problem("Uploads:Secret", $"must have at least {RegistryOptions.MinSecretLength} bytes.");
        return null;
    }

    private static ManifestRules ReadManifestRules(SettingsReader reader) => new()
    {
        AllowedUrls = reader.List("Validation:Urls:Allow", UrlExpressionText, ManifestRules.UrlExpression),
        DeniedUrls = reader.List("Validation:Urls:Deny", UrlExpressionText, ManifestRules.UrlExpression),
        RequiredPlatforms = reader.Choice("Validation:IndexPlatforms", RequiredPlatforms.All),
        RequiredLayers = reader.Choice("Validation:Layers", RequiredLayers.All),
        PlatformList = reader.List("Validation:IndexPlatformList", "os/architecture", static text => text.Split('/').Length == 2 ? text : throw new ArgumentException(text)),
    };

    [GeneratedRegex("[A-Z][A-Za-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex OptionName();

    [GeneratedRegex(@"\A(/[a-z0-9-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixGrammar();
}
