using System.Text.RegularExpressions;
using Serverless.AzureStorage.Secrets;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Settings;

/// <summary>The settings below <c>Auth</c>.</summary>
public sealed partial record AuthSettings
{
    private const string RuleText = "a right such as team/*:pull,push";

    /// <summary>How callers sign in; null when nothing is set.</summary>
    public AuthMode? Mode { get; private init; }

    /// <summary>What is set for Basic.</summary>
    public required BasicSettings Basic { get; init; }

    /// <summary>The path of the htpasswd file; null when it is an object.</summary>
    public string? HtpasswdPath { get; private init; }

    /// <summary>The name of the object that is the htpasswd file; null when it is a file.</summary>
    public string? HtpasswdObject { get; private init; }

    /// <summary>What is set for tokens.</summary>
    public required TokenSettings Token { get; init; }

    /// <summary>Scope maps of the configuration, that of everybody included.</summary>
    public IReadOnlyDictionary<string, AccessRights> ScopeMaps { get; private init; } = new Dictionary<string, AccessRights>();

    /// <summary>Issuers whose tokens can be exchanged for access.</summary>
    public IReadOnlyList<FederationSettings> Federation { get; private init; } = [];

    /// <summary>Wrong passwords a minute for one account from one address.</summary>
    public int FailuresPerAccount { get; private init; }

    /// <summary>Wrong passwords a minute from one address.</summary>
    public int FailuresPerAddress { get; private init; }

    /// <summary>Wrong passwords a minute for one account, wherever they come from.</summary>
    public int FailuresPerAccountAnywhere { get; private init; }

    /// <summary>How many proxies stand between clients and this process; null: those of the platform.</summary>
    public int? Proxies { get; private init; }

    /// <summary>The header in which those proxies tell where a request comes from; null: <c>X-Forwarded-For</c>.</summary>
    public string? AddressHeader { get; private init; }

    /// <summary>Reads the settings below <c>Auth</c>.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="publicUrl">The registry's public address, whose host names the token service unless another name is set.</param>
    /// <param name="outbound">Where the registry may fetch keys from.</param>
    public static AuthSettings Read(SettingsReader reader, Uri? publicUrl, OutboundSettings outbound)
    {
        var anonymous = Rights(reader, "Auth:Anonymous");
        var maps = reader.Sections("Auth:Scopes").ToDictionary(s => s[(s.LastIndexOf(':') + 1)..], s => Rights(reader, s), StringComparer.Ordinal);
        foreach (var name in maps.Keys.Where(n => !ScopeMapStore.IsName(n))) reader.Problem($"Auth:Scopes:{name}", "is no name for a scope map: 1 to 64 letters, digits, dots, hyphens and underscores.");
        if (anonymous.Rules.Count > 0) maps[ScopeMapStore.Anonymous] = anonymous;
        var settings = new AuthSettings
        {
            Mode = reader.Text("Auth:Mode") is null ? null : reader.Choice("Auth:Mode", AuthMode.None),
            Basic = new BasicSettings(
                reader.Text("Auth:Basic:Realm") ?? "registry",
                reader.Sections("Auth:Basic:Rights").ToDictionary(s => s[(s.LastIndexOf(':') + 1)..], s => Rights(reader, s), StringComparer.Ordinal),
                anonymous),
            HtpasswdPath = reader.Text("Auth:Basic:HtpasswdPath"),
            HtpasswdObject = reader.Text("Auth:Basic:HtpasswdObject"),
            Token = ReadToken(reader, publicUrl),
            ScopeMaps = maps,
            Federation = [.. reader.Sections("Auth:Federation").Select(s => FederationSettings.Read(reader, s, outbound))],
            FailuresPerAccount = reader.Number("Auth:Failures:PerAccount", 20, 1, 10_000),
            FailuresPerAddress = reader.Number("Auth:Failures:PerAddress", 60, 1, 10_000),
            FailuresPerAccountAnywhere = reader.Number("Auth:Failures:PerAccountAnywhere", 300, 1, 100_000),
            AddressHeader = reader.Text("Auth:AddressHeader"),
            Proxies = reader.Text("Auth:Proxies") is null ? null : reader.Number("Auth:Proxies", 0, 0, 10),
        };
        settings.Check(reader, outbound);
        return settings;
    }

    private void Check(SettingsReader reader, OutboundSettings outbound)
    {
        if (!QuotableGrammar().IsMatch(Basic.Realm)) reader.Problem("Auth:Basic:Realm", "must be printable, without quotation marks and backslashes.");
        if (!QuotableGrammar().IsMatch(Token.Service)) reader.Problem("Auth:Token:Service", "must be printable, without quotation marks and backslashes.");
        if (AddressHeader is { } header && !HeaderGrammar().IsMatch(header)) reader.Problem("Auth:AddressHeader", "must be the name of a header, such as X-Azure-ClientIP.");
        if (AddressHeader is not null && Proxies is null or 0) reader.Problem("Auth:AddressHeader", "needs Auth:Proxies, the number of proxies that write into that header.");
        if (Mode == AuthMode.Basic && HtpasswdPath is null == HtpasswdObject is null)
        {
            reader.Problem("Auth:Basic", "needs HtpasswdPath or HtpasswdObject, and not both.");
        }

        if (HtpasswdObject is { } name && name.StartsWith("data/", StringComparison.Ordinal)) reader.Problem("Auth:Basic:HtpasswdObject", "must not be among the blobs, which are below data/.");
        if (Token.IsExternal && Token.Jwks is null && Token.RootCertBundle is null) reader.Problem("Auth:Token:Realm", "is set, so Jwks or RootCertBundle must be, with the keys of that server.");
        if (Token.IsExternal && Federation.Count > 0) reader.Problem("Auth:Federation", "needs the registry's own token service, but Auth:Token:Realm names another.");
        if (Token.JwksUrl is { } jwks && outbound.FindProblem(jwks) is { } problem) reader.Problem("Auth:Token:Jwks", problem);
        if (!Token.IsExternal && (Token.Jwks ?? Token.RootCertBundle) is not null) reader.Problem("Auth:Token:Jwks", "and RootCertBundle are for tokens of another server, whose Realm is not set.");
        if (Token.KeyVault is not null && Token.SigningKey is not null) reader.Problem("Auth:Token:KeyVault", "and SigningKey are both set, but keys are either in a vault or in a file.");
        if (Token.KeyVault is not null && Token.IsExternal) reader.Problem("Auth:Token:KeyVault", "is for the registry's own tokens, but Auth:Token:Realm names another server.");
        if (Token.RefreshMaxLifetime < Token.RefreshLifetime) reader.Problem("Auth:Token:RefreshMaxLifetime", $"({Token.RefreshMaxLifetime:c}) must be at least Auth:Token:RefreshLifetime ({Token.RefreshLifetime:c}).");
        if (Token.Lifetime < TimeSpan.FromMinutes(1) || Token.Lifetime > TimeSpan.FromHours(12)) reader.Problem("Auth:Token:Lifetime", "must be between a minute and 12 hours.");
    }

    private static TokenSettings ReadToken(SettingsReader reader, Uri? publicUrl)
    {
        var realm = reader.Url("Auth:Token:Realm");
        var service = reader.Text("Auth:Token:Service") ?? publicUrl?.Host ?? "registry";
        var algorithms = reader.List("Auth:Token:Algorithms", "one of " + string.Join(", ", TokenSettings.AllAlgorithms), static text => TokenSettings.AllAlgorithms.Contains(text) ? text : throw new ArgumentException(text));
        return new TokenSettings
        {
            Service = service,
            Issuer = reader.Text("Auth:Token:Issuer") ?? service,
            Realm = realm,
            IsExternal = realm is not null,
            Algorithms = algorithms.Count > 0 ? algorithms : TokenSettings.AllAlgorithms,
            Jwks = reader.Text("Auth:Token:Jwks"),
            RootCertBundle = reader.Text("Auth:Token:RootCertBundle"),
            SigningKey = reader.Text("Auth:Token:SigningKey"),
            KeyVault = ReadVault(reader),
            Lifetime = reader.Duration("Auth:Token:Lifetime", TimeSpan.FromMinutes(5)),
            RefreshLifetime = reader.Text("Auth:Token:RefreshLifetime") is "0" or "00:00:00" ? TimeSpan.Zero : reader.Duration("Auth:Token:RefreshLifetime", TimeSpan.FromDays(30)),
            RefreshMaxLifetime = reader.Duration("Auth:Token:RefreshMaxLifetime", TimeSpan.FromDays(180)),
        };
    }

    private static KeyVaultOptions? ReadVault(SettingsReader reader)
    {
        var (vault, secret) = (reader.Url("Auth:Token:KeyVault"), reader.Text("Auth:Token:KeyVaultSecret") ?? "registry-signing-key");
        if (!SecretGrammar().IsMatch(secret)) reader.Problem("Auth:Token:KeyVaultSecret", "must be the name of a secret: 1 to 127 letters, digits and hyphens.");
        if (vault is not null && (vault.Scheme != Uri.UriSchemeHttps || vault.AbsolutePath != "/")) reader.Problem("Auth:Token:KeyVault", "must be the https address of a vault, such as https://name.vault.azure.net.");
        return vault is null ? null : new KeyVaultOptions(vault, secret);
    }

    private static AccessRights Rights(SettingsReader reader, string key) =>
        new(reader.List(key, RuleText, static text => AccessRule.TryParse(text, null, out var rule) ? rule : throw new ArgumentException(text)));

    // RFC 9110 (5.6.2), "Tokens".
    [GeneratedRegex(@"\A[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderGrammar();

    [GeneratedRegex(@"\A[a-zA-Z0-9-]{1,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SecretGrammar();

    [GeneratedRegex(@"\A[ !#-\[\]-~]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex QuotableGrammar();
}
