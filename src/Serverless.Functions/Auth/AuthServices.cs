using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;
using Serverless.Functions.Auth.Basic;
using Serverless.Functions.Auth.Federation;
using Serverless.Functions.Auth.Passwords;
using Serverless.Functions.Auth.Tokens;
using Serverless.Functions.Endpoints;
using Serverless.Functions.Hosting;
using Serverless.Functions.Http;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;

namespace Serverless.Functions.Auth;

/// <summary>Puts together what signing in takes, by the settings.</summary>
internal sealed partial class AuthServices : IDisposable
{
    private const int MaxKeySet = 1024 * 1024;

    private readonly AuthSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { MaxResponseContentBufferSize = MaxKeySet };
    private readonly PasswordGuard _guard;
    private readonly ClientAddress _address;
    private Htpasswd? _htpasswd;

    /// <exception cref="SettingsException">A file that the settings name cannot be used, or the registry would be open by mistake.</exception>
    public AuthServices(
        AuthSettings settings, Locations locations, (ITableStore Tables, IObjectStore Objects) stores, TimeProvider time, ILoggerFactory loggers, bool inFunctions)
    {
        (_settings, _loggers, _time) = (settings, loggers, time);
        _guard = new PasswordGuard(settings.FailuresPerAccount, settings.FailuresPerAddress);
        // The Functions host replaces X-Forwarded-For by the address that it sees itself, and that may be the platform's own.
        _address = new ClientAddress(settings.Proxies ?? (inFunctions ? null : 0));
        // Where nobody signs in, nothing is decided.
        Audit = new AuditLog(settings.Mode is null or AuthMode.None ? NullLogger<AuditLog>.Instance : loggers.CreateLogger<AuditLog>(), _address);
        Authenticator = settings.Mode switch
        {
            AuthMode.Basic => Basic(stores.Objects),
            AuthMode.Token => Token(locations, stores.Tables),
            null when inFunctions => throw new SettingsException(["Registry:Auth:Mode must be set: token, basic, or none for a registry that is open to everybody."]),
            _ => Open(),
        };
    }

    /// <summary>The way to sign in.</summary>
    public IAuthenticator Authenticator { get; }

    /// <summary>The token service; null when there is none.</summary>
    public TokenEndpoints? Tokens { get; private set; }

    /// <summary>The log of decisions.</summary>
    public AuditLog Audit { get; }

    public void Dispose()
    {
        _guard.Dispose();
        _htpasswd?.Dispose();
        _http.Dispose();
    }

    private OpenAuthenticator Open()
    {
        LogOpen(_loggers.CreateLogger<AuthServices>());
        return new OpenAuthenticator();
    }

    private BasicAuthenticator Basic(IObjectStore objects)
    {
        if (_settings.HtpasswdPath is { } path && !File.Exists(path)) throw new SettingsException([$"Registry:Auth:Basic:HtpasswdPath: there is no file {path}."]);
        var source = _settings.HtpasswdPath is { } file ? HtpasswdSource.File(file) : HtpasswdSource.Object(objects, _settings.HtpasswdObject!);
        _htpasswd = new Htpasswd(source, _time, _loggers.CreateLogger<Htpasswd>());
        return new BasicAuthenticator(_htpasswd, _settings.Basic, _guard, _address, Audit);
    }

    private TokenAuthenticator Token(Locations locations, ITableStore tables)
    {
        var settings = _settings.Token;
        if (settings.IsExternal) return new TokenAuthenticator(settings, locations, new TokenValidator(ExternalTrust(settings), _time), new VerifiedTokens(_time));
        var keys = new KeyRing(ReadKeys(settings, new SigningKeyStore(tables, _time)), _time, _loggers.CreateLogger<KeyRing>());
        var service = new TokenService(
            settings,
            new AccountStore(tables, _time),
            new ScopeMapStore(tables, _settings.ScopeMaps),
            new RefreshTokenStore(tables, _time),
            [.. _settings.Federation.Select(Federate)],
            _guard,
            _address,
            Audit,
            _time);
        Tokens = new TokenEndpoints(settings, service, new TokenIssuer(settings, keys, _time), keys, Audit, _time);
        var trust = new TokenTrust(settings.Issuer, settings.Service, [SecurityAlgorithms.EcdsaSha256], async token => await keys.GetKeysAsync(token));
        return new TokenAuthenticator(settings, locations, new TokenValidator(trust, _time), new VerifiedTokens(_time));
    }

    private FederatedIssuer Federate(FederationSettings settings)
    {
        var source = JwksSource.Discovery(settings.Issuer, _http, _time, _loggers.CreateLogger<JwksSource>());
        source.Start();
        var trust = new TokenTrust(settings.Issuer.OriginalString, settings.Audience, settings.Algorithms, source.GetAsync);
        return new FederatedIssuer(settings.Name, settings.Issuer.OriginalString, new TokenValidator(trust, _time), settings.Rules);
    }

    private TokenTrust ExternalTrust(TokenSettings settings)
    {
        var roots = new X509Certificate2Collection();
        if (settings.RootCertBundle is { } bundle) Use("RootCertBundle", bundle, roots.ImportFromPemFile);
        var certified = roots.Select(CertificateChain.PublicKey).OfType<SecurityKey>().ToList();
        var source = settings.Jwks is { } jwks ? Source(jwks) : null;
        source?.Start();
        return new TokenTrust(settings.Issuer, settings.Service, settings.Algorithms, FindKeysAsync) { Roots = roots };

        async ValueTask<IReadOnlyList<SecurityKey>> FindKeysAsync(CancellationToken cancellationToken) =>
            source is null ? certified : [.. certified, .. await source.GetAsync(cancellationToken)];
    }

    private JwksSource Source(string jwks)
    {
        var logger = _loggers.CreateLogger<JwksSource>();
        if (!jwks.Contains("://", StringComparison.Ordinal))
        {
            if (!File.Exists(jwks)) throw new SettingsException([$"Registry:Auth:Token:Jwks: there is no file {jwks}."]);
            return JwksSource.File(jwks, _time, logger);
        }

        return Uri.TryCreate(jwks, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? JwksSource.Url(url, _http, _time, logger)
            : throw new SettingsException(["Registry:Auth:Token:Jwks must be a file or an https URL."]);
    }

    private static Func<CancellationToken, Task<IReadOnlyList<SigningKey>>> ReadKeys(TokenSettings settings, SigningKeyStore store)
    {
        if (settings.SigningKey is not { } path) return store.ListAsync;
        IReadOnlyList<SigningKey> keys = [];
        Use("SigningKey", path, p => keys = [ReadKey(p)]);
        return _ => Task.FromResult(keys);
    }

    private static SigningKey ReadKey(string path)
    {
        var pem = File.ReadAllText(path);
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        if (key.KeySize != 256) throw new ArgumentException("it must be a key on the curve P-256.");
        // A name that follows from the key: another key has another.
        var id = Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
        return new SigningKey(id, pem, DateTimeOffset.MinValue);
    }

    private static void Use(string setting, string path, Action<string> load)
    {
        try
        {
            load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SettingsException([$"Registry:Auth:Token:{setting}: {path} cannot be used: {e.Message}"]);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody has to sign in: whoever reaches this registry may push, pull and delete")]
    private static partial void LogOpen(ILogger logger);
}
