using System.Text;
using System.Text.RegularExpressions;
using Serverless.AzureStorage;
using Serverless.Functions.Auth;
using Serverless.Functions.Http;
using Serverless.Functions.Maintenance;
using Serverless.Functions.Telemetry.Prometheus;
using Serverless.Registry.Core;
using Serverless.Registry.Health;
using Serverless.Registry.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>The settings of the app, read once at its start.</summary>
internal sealed partial record RegistrySettings
{
    /// <summary>Where the registry keeps what it holds; null: development storage.</summary>
    public AzureStorageOptions? Storage { get; private init; }

    /// <summary>Whether everything is kept in this process and gone with it.</summary>
    public bool InMemory { get; private init; }

    /// <summary>The address under which clients know the registry; null answers with relative locations.</summary>
    public Uri? PublicUrl { get; private init; }

    /// <summary>What every path begins with, without a slash at its end; empty for none.</summary>
    public string Prefix { get; private init; } = "";

    /// <summary>Makes the addresses in answers.</summary>
    public Locations Locations => new(PublicUrl, Prefix) { PlatformUrl = PlatformUrl };

    /// <summary>The address that the platform gives to the registry; null when there is none.</summary>
    public Uri? PlatformUrl { get; init; }

    /// <summary>Whether downloads are sent to storage; otherwise the bytes go through this process.</summary>
    public bool Redirect { get; private init; }

    /// <summary>How long a signed download URL lives.</summary>
    public TimeSpan RedirectLifetime { get; private init; }

    /// <summary>Names in a page of the catalog, at most and where nothing is asked for.</summary>
    public int CatalogPageSize { get; private init; }

    /// <summary>Tags in a page, at most and where nothing is asked for.</summary>
    public int TagPageSize { get; private init; }

    /// <summary>Whether it is noted when tags were last pulled.</summary>
    public bool NotePulls { get; private init; }

    /// <summary>Who may do what.</summary>
    public required AuthSettings Auth { get; init; }

    /// <summary>What is done from time to time.</summary>
    public MaintenanceSettings Maintenance { get; private init; } = null!;

    /// <summary>When the registry is healthy.</summary>
    public HealthOptions Health { get; private init; } = new();

    /// <summary>Who may read what is measured.</summary>
    public MetricsAccess MetricsAccess { get; private init; }

    /// <summary>How long requests may take to end when the process is told to.</summary>
    public TimeSpan ShutdownGrace { get; private init; }

    /// <summary>The choices of the registry proper.</summary>
    public RegistryOptions Registry { get; private init; } = new();

    /// <exception cref="SettingsException">A value is bad, or values do not fit together.</exception>
    public static RegistrySettings Read(SettingsReader reader)
    {
        var defaults = new RegistryOptions();
        var publicUrl = reader.Url("PublicUrl");
        var settings = new RegistrySettings
        {
            InMemory = reader.Flag("Storage:InMemory", false),
            Storage = ReadStorage(reader),
            PublicUrl = publicUrl,
            Auth = AuthSettings.Read(reader, publicUrl),
            Prefix = (reader.Text("Prefix") ?? "").TrimEnd('/'),
            Redirect = reader.Flag("Redirect:Enabled", true),
            RedirectLifetime = reader.Duration("Redirect:Lifetime", TimeSpan.FromMinutes(5)),
            CatalogPageSize = reader.Number("Catalog:MaxEntries", RowQuery.MaxPageSize, 1, 100_000),
            TagPageSize = reader.Number("Tags:MaxEntries", RowQuery.MaxPageSize, 1, 100_000),
            NotePulls = reader.Flag("Tags:NotePulls", false),
            // Container platforms kill after 30 seconds unless told otherwise; the rest is for what is to be sent about it all.
            ShutdownGrace = reader.Duration("Shutdown:Grace", TimeSpan.FromSeconds(25)),
            MetricsAccess = reader.Choice("Metrics:Access", MetricsAccess.Loopback),
            Health = new HealthOptions { QueueOverdue = reader.Duration("Health:QueueOverdue", new HealthOptions().QueueOverdue) },
            Registry = new RegistryOptions
            {
                UploadLifetime = reader.Duration("Uploads:Lifetime", defaults.UploadLifetime),
                LongestRequest = reader.Duration("Uploads:LongestRequest", defaults.LongestRequest),
                BlockSize = reader.Number("Uploads:BlockSize", defaults.BlockSize, 64 * 1024, 64 * 1024 * 1024),
                UploadSecret = reader.Text("Uploads:Secret") is { } secret ? (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(secret) : null,
                MaxManifestSize = reader.Number("Manifests:MaxSize", defaults.MaxManifestSize, 64 * 1024, 16 * 1024 * 1024),
                MaxTagsPerManifest = reader.Number("Manifests:MaxTags", defaults.MaxTagsPerManifest, 1, 20),
                TagHistoryLength = reader.Number("Tags:HistoryLength", defaults.TagHistoryLength, 1, 900),
                ManifestRules = new ManifestRules
                {
                    AllowedUrls = reader.List("Validation:Urls:Allow", "a regular expression without look-around or back-references", ManifestRules.UrlExpression),
                    DeniedUrls = reader.List("Validation:Urls:Deny", "a regular expression without look-around or back-references", ManifestRules.UrlExpression),
                    RequiredPlatforms = reader.Choice("Validation:IndexPlatforms", RequiredPlatforms.All),
                    PlatformList = reader.List("Validation:IndexPlatformList", "os/architecture", static text => text.Split('/').Length == 2 ? text : throw new ArgumentException(text)),
                },
                ImmutableTags = reader.Sections("Tags:Immutable").Select(rule => new ImmutableTags(
                    reader.Text(rule + ":Repositories") ?? "*", reader.Text(rule + ":Tags") ?? "*", reader.List(rule + ":Except", "a pattern", static text => text))).ToList(),
                Switches = new SwitchState(reader.Flag("ReadOnly", false), reader.Flag("Delete:Enabled", true)),
                Grace = reader.Duration("GarbageCollection:Grace", defaults.Grace),
            },
        };
        settings = settings with { Maintenance = MaintenanceSettings.Read(reader, settings.Registry) };
        if (!settings.NotePulls && settings.Maintenance.Retention.Any(r => r.NotPulledFor is not null)) reader.Problem("Tags:NotePulls", "must be true for a rule of Retention with NotPulledFor.");
        if (settings.Storage is not null && settings.InMemory) reader.Problem("Storage:InMemory", "is true, but other storage is set too; choose one.");
        if (!PrefixGrammar().IsMatch(settings.Prefix)) reader.Problem("Prefix", "must be a path such as /registry, of lower-case letters, digits, hyphens and slashes.");
        if (settings.RedirectLifetime > settings.Registry.Grace / 2) reader.Problem("Redirect:Lifetime", "must be at most half of GarbageCollection:Grace.");
        foreach (var problem in settings.Registry.Validate()) reader.Problem("*", problem);
        return reader.Problems.Count == 0 ? settings : throw new SettingsException(reader.Problems);
    }

    private static AzureStorageOptions? ReadStorage(SettingsReader reader)
    {
        var defaults = new AzureStorageOptions();
        var storage = new AzureStorageOptions
        {
            ConnectionString = reader.Text("Storage:ConnectionString"),
            AccountName = reader.Text("Storage:AccountName"),
            BlobEndpoint = reader.Url("Storage:BlobEndpoint"),
            TableEndpoint = reader.Url("Storage:TableEndpoint"),
            ClientId = reader.Text("Storage:ClientId"),
            ContainerName = reader.Text("Storage:Container") ?? defaults.ContainerName,
            TablePrefix = reader.Text("Storage:TablePrefix") ?? defaults.TablePrefix,
        };
        if (!ContainerGrammar().IsMatch(storage.ContainerName)) reader.Problem("Storage:Container", "must be 3 to 63 lower-case letters, digits and single hyphens.");
        if (!TablePrefixGrammar().IsMatch(storage.TablePrefix)) reader.Problem("Storage:TablePrefix", "must be empty or begin with a letter and hold at most 40 letters and digits.");
        if (storage.AccountName is { } name && !AccountGrammar().IsMatch(name)) reader.Problem("Storage:AccountName", "must be 3 to 24 lower-case letters and digits.");
        var hasEndpoints = storage.BlobEndpoint is not null && storage.TableEndpoint is not null;
        if (storage.ConnectionString is not null && (storage.AccountName is not null || storage.BlobEndpoint is not null || storage.TableEndpoint is not null))
        {
            reader.Problem("Storage:ConnectionString", "is set, so AccountName, BlobEndpoint and TableEndpoint must not be.");
        }

        if (storage.AccountName is null && storage.BlobEndpoint is null != storage.TableEndpoint is null)
        {
            reader.Problem("Storage:BlobEndpoint", "and Storage:TableEndpoint must both be set where there is no AccountName.");
        }

        return storage.ConnectionString is not null || storage.AccountName is not null || hasEndpoints ? storage : null;
    }

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerGrammar();

    [GeneratedRegex(@"\A(/[a-z0-9-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixGrammar();

    [GeneratedRegex(@"\A([a-zA-Z][a-zA-Z0-9]{0,39})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TablePrefixGrammar();

    [GeneratedRegex(@"\A[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountGrammar();
}
