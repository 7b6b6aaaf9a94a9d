using System.Text.Json;
using Serverless.Web.Outbound;

namespace Serverless.Web.Auth.Jwt;

/// <summary>Opens sources of keys, each of which begins to read at once.</summary>
internal sealed class JwksSources(HttpClient http, TimeProvider timeProvider, ILogger<JwksSource> logger) : IDisposable
{
    /// <summary>What a set of keys, or the document that names one, can be; whoever serves it is followed nowhere else.</summary>
    public static OutboundLimits Limits { get; } = new(MaxBytes: 1024 * 1024, Time: TimeSpan.FromSeconds(15));

    /// <summary>A file of this machine.</summary>
    public JwksSource File(string path) => Open(path, cancellationToken => System.IO.File.ReadAllTextAsync(path, cancellationToken));

    /// <summary>A URL. What it is called in logs has no query and no user, which may be secrets.</summary>
    public JwksSource Url(Uri url) => Open($"{url.Scheme}://{url.Authority}{url.AbsolutePath}", cancellationToken => http.GetStringAsync(url, cancellationToken));

    /// <summary>The key set that an issuer's discovery document names (OpenID Connect Discovery 1.0).</summary>
    public JwksSource Discovery(Uri issuer) => Open(issuer.OriginalString, cancellationToken => DiscoverAsync(issuer, cancellationToken));

    public void Dispose() => http.Dispose();

    private async Task<string> DiscoverAsync(Uri issuer, CancellationToken cancellationToken)
    {
        var address = new Uri(issuer.OriginalString.TrimEnd('/') + "/.well-known/openid-configuration");
        using var document = JsonDocument.Parse(await http.GetStringAsync(address, cancellationToken));
        if (document.RootElement.GetProperty("issuer").GetString() != issuer.OriginalString) throw new InvalidDataException("The discovery document is of another issuer.");
        var keys = new Uri(document.RootElement.GetProperty("jwks_uri").GetString()!);
        // The configuration vouches for the issuer's address; what it says of others must at least be as safe.
        if (keys.Scheme != Uri.UriSchemeHttps && (issuer.Scheme == Uri.UriSchemeHttps || keys.Host != issuer.Host)) throw new InvalidDataException("The keys are at an address that is not safe.");
        return await http.GetStringAsync(keys, cancellationToken);
    }

    private JwksSource Open(string name, Func<CancellationToken, Task<string>> readAsync)
    {
        var source = new JwksSource(name, readAsync, timeProvider, logger);
        source.Start();
        return source;
    }
}
