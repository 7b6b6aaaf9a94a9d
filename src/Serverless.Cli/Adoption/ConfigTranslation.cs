using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Cli.Adoption;

/// <summary>The registry's settings for a config.yml of distribution, and what there is to say about them.</summary>
internal sealed partial class ConfigTranslation
{
    // What is not translated, and why, by how its name begins; the longest wins.
    private static readonly (string Path, string Reason)[] s_reasons =
    [
        ("storage.cache", "nothing is cached, and a read is one call to storage"),
        ("redis", "nothing is cached, and a read is one call to storage"),
        ("storage.tag", "lists of tags are read in pages"),
        ("storage.maintenance.uploadpurging", "uploads that were not used for Uploads:PurgeAge are ended by the timer CollectGarbage"),
        ("storage.azure.copy_status", "nothing is copied"),
        ("storage.azure.max_retries", "storage is asked again by rules of its own"),
        ("storage.azure.retry_delay", "storage is asked again by rules of its own"),
        ("storage.azure.credentials", "sign-in is that of DefaultAzureCredential: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give the machine an identity"),
        ("storage", "only Azure Storage is there; bring the images with 'registry copy'"),
        ("middleware", "there is none; downloads are sent to storage by signed URLs"),
        ("reporting", "telemetry goes where OTEL_EXPORTER_OTLP_ENDPOINT says"),
        ("health", "/healthz asks storage by itself"),
        ("http.debug", "metrics are at /metrics of the registry's own address, for whom Metrics:Access names; the rest goes where OTEL_EXPORTER_OTLP_ENDPOINT says"),
        ("http.relativeurls", "addresses in answers are relative where PublicUrl is not set"),
        ("http.tls.letsencrypt", "put a proxy in front, or renew the files of Http:Tls, which are read again"),
        ("http.tls.ciphersuites", "those of the system's OpenSSL are used"),
        ("http.http2", "https addresses speak HTTP/2 and HTTP/1.1"),
        ("log", "logging is that of .NET (Logging:...), and telemetry goes where OTEL_EXPORTER_OTLP_ENDPOINT says"),
        ("policy", "what may be pushed is by rights on repositories"),
        ("compatibility", "Docker schema 1 manifests are not served"),
        ("auth.token.autoredirect", "it builds the realm from what the client says the host is"),
        ("auth.silly", "it is for tests of distribution"),
        ("proxy.ttl", "what a mirror holds goes by age of its last use"),
        ("proxy.exec", "credentials of a mirror are settings"),
    ];

    private readonly List<TranslatedSetting> _settings = [];
    private readonly List<string> _notes = [];
    private int _allowed;

    private ConfigTranslation()
    {
    }

    /// <summary>The settings, in the order of their sections.</summary>
    public IReadOnlyList<TranslatedSetting> Settings => _settings;

    /// <summary>What is to be known about them, and what has no counterpart, each in a line.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Translates a file.</summary>
    public static ConfigTranslation Of(DistributionConfig config)
    {
        var translation = new ConfigTranslation();
        if (config.Text("version") is { } version && version != "0.1") translation.Note($"version: {version} is not known; what is known of 0.1 is translated");
        StorageTranslation.Translate(config, translation);
        AuthTranslation.Translate(config, translation);
        HttpTranslation.Translate(config, translation);
        NotificationTranslation.Translate(config, translation);
        OtherTranslation.Translate(config, translation);
        foreach (var path in config.Unread())
        {
            var reason = s_reasons.OrderByDescending(r => r.Path.Length).FirstOrDefault(r => Begins(path, r.Path)).Reason;
            translation.Note($"{path}: no counterpart{(reason is null ? "" : $"; {reason}")}");
        }

        return translation;
    }

    /// <summary>A setting of the registry; nothing where there is no value.</summary>
    public void Set(string key, string? value, bool isSecret = false) => Add($"Registry:{key}", value, isSecret);

    /// <summary>A setting of .NET's.</summary>
    public void SetHost(string key, string? value) => Add(key, value, false);

    /// <summary>A list.</summary>
    public void Set(string key, IEnumerable<string> values)
    {
        foreach (var (value, i) in values.Select((v, i) => (v, i))) Set(string.Create(CultureInfo.InvariantCulture, $"{key}:{i}"), value);
    }

    /// <summary>A duration as Go writes it.</summary>
    public void SetDuration(DistributionConfig config, string path, string key)
    {
        if (config.Text(path) is not { } text) return;
        if (Duration(text) is { } time && time > TimeSpan.Zero) Set(key, time.ToString("c", CultureInfo.InvariantCulture));
        else Note($"{path}: {text} is no duration that {key} could have");
    }

    /// <summary>A host of one's own network, which the registry may speak to over http.</summary>
    public void AllowPlain(string? url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp) return;
        Set(string.Create(CultureInfo.InvariantCulture, $"Outbound:Allow:{_allowed++}"), address.IdnHost);
    }

    /// <summary>Something that is to be known.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>A duration such as <c>168h</c>, <c>1m30s</c> or <c>500ms</c>, or a number of nanoseconds (Go, time.ParseDuration); null when it is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)) return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
        if (GoDuration().Match(text) is not { Success: true } match) return null;
        var total = 0.0;
        for (var i = 0; i < match.Groups["number"].Captures.Count; i++)
        {
            total += double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Captures[i].Value switch
            {
                "h" => 3600e3,
                "m" => 60e3,
                "s" => 1e3,
                "ms" => 1,
                "ns" => 1e-6,
                _ => 1e-3,
            };
        }

        return total < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(total) : null;
    }

    private static bool Begins(string path, string start) =>
        path.StartsWith(start, StringComparison.OrdinalIgnoreCase) && (path.Length == start.Length || path[start.Length] is '.' or '_');

    private void Add(string key, string? value, bool isSecret)
    {
        if (value is null) return;
        if (value.Any(char.IsControl)) Note($"{key}: the value has a line break, or another character that no variable of the environment can have here; set it by hand");
        else _settings.Add(new TranslatedSetting(key, value, isSecret));
    }

    [GeneratedRegex(@"\A((?<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?<unit>h|ms|m|s|us|µs|ns))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex GoDuration();
}

/// <summary>A setting, as configuration has it.</summary>
/// <param name="Key">Its name, with colons.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsSecret">Whether not everybody may see it.</param>
internal sealed record TranslatedSetting(string Key, string Value, bool IsSecret)
{
    /// <summary>As a variable of the environment, for files of such; a secret that is not to be shown as a comment.</summary>
    public string ToLine(bool secrets)
    {
        var name = Key.Replace(":", "__", StringComparison.Ordinal);
        return IsSecret && !secrets ? $"# {name}=" : $"{name}={Value}";
    }
}
