using Serverless.Web.Settings;

namespace Serverless.Server.Listening;

/// <summary>The settings below <c>Http</c>: where and how the server listens.</summary>
internal sealed record HttpSettings
{
    private const string DefaultUrl = "http://127.0.0.1:5000";

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<ListenAddress> Addresses { get; private init; } = [];

    /// <summary>Whether nobody on the network can connect. A socket in the file system is no address of the network.</summary>
    public bool IsLoopbackOnly => Addresses.All(a => a.IsLocal);

    /// <summary>What https addresses present; null where there are none.</summary>
    public TlsSource? Tls { get; private init; }

    /// <summary>Whether http addresses take HTTP/2 from clients that begin with it.</summary>
    public bool H2c { get; private init; }

    /// <summary>What every answer has besides the registry's own headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; private init; } = [];

    /// <summary>Reads them.</summary>
    /// <param name="reader">Where they are read from, and where problems are noted.</param>
    /// <param name="urls">The framework's own setting, addresses with semicolons between them; null when it is not set.</param>
    public static HttpSettings Read(SettingsReader reader, string? urls)
    {
        var isSet = reader.Sections("Http:Addresses").Any();
        List<ListenAddress> addresses = [.. ReadUrls(reader, urls, isSet), .. reader.List("Http:Addresses", ListenAddress.Rule, ListenAddress.Parse)];
        var tls = TlsSettings.Read(reader);
        if (tls is null && addresses.Find(a => a.IsTls) is { } https) reader.Problem("Http:Tls:Certificate", $"and Http:Tls:Key must name PEM files, because {https} is an address of https.");
        if (tls is not null && !addresses.Exists(a => a.IsTls)) reader.Problem("Http:Tls:Certificate", "is set, but no address begins with https; see Http:Addresses.");
        return new HttpSettings
        {
            Addresses = addresses,
            Tls = tls is null ? null : OpenTls(reader, tls),
            H2c = reader.Flag("Http:H2c", false),
            Headers = [.. reader.Sections("Http:Headers").Select(key => ExtraHeaders.Read(reader, key)).OfType<KeyValuePair<string, string>>()],
        };
    }

    private static List<ListenAddress> ReadUrls(SettingsReader reader, string? urls, bool isSetOtherwise)
    {
        List<ListenAddress> addresses = [];
        if (string.IsNullOrWhiteSpace(urls)) urls = isSetOtherwise ? "" : DefaultUrl;
        foreach (var url in urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                addresses.Add(ListenAddress.Parse(url));
            }
            catch (ArgumentException)
            {
                reader.Problem("Http:Addresses", $"gets an address from urls, but each must be {ListenAddress.Rule}.");
            }
        }

        return addresses;
    }

    private static TlsSource? OpenTls(SettingsReader reader, TlsSettings settings)
    {
        try
        {
            return TlsSource.Open(settings);
        }
        catch (TlsFileException e)
        {
            reader.Problem(e.Key, e.Message);
            return null;
        }
    }
}
