using System.Globalization;
using System.Net;
using System.Text.Json;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Http;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>A bearer token with every request (RFC 6750; distribution 3.1.1, "Token Authentication").</summary>
internal sealed class TokenAuthenticator(TokenSettings settings, Locations locations, TokenValidator validator, VerifiedTokens verified, IStanding standing) : IAuthenticator
{
    private const string Scheme = "Bearer ";

    private static readonly Caller s_nobody = new(null, "anonymous", AccessRights.None);

    public bool AsksAgain => true;

    public async ValueTask<Caller?> IdentifyAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        // A password is no token; its sender is shown the way to one, like anybody who sends nothing.
        if (header.Count == 0 || !header[0]!.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return s_nobody;
        if (header.Count > 1) return null;
        var token = header[0]![Scheme.Length..].Trim();
        if (verified.Find(token) is { } known) return known;
        var round = verified.Round;
        if (await validator.ValidateAsync(token, http.RequestAborted) is not { } claims) return null;
        var caller = Read(claims);
        verified.Add(token, caller, claims.GetProperty("exp"), round);
        return caller;
    }

    // Whoever has not signed in must do so first, as nobody in particular if need be.
    public ValueTask<AccessRights> FindRightsAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.IsAdmitted ? standing.FindRightsAsync(caller, cancellationToken) : ValueTask.FromResult(AccessRights.None);

    public string Challenge(HttpContext http, RequiredAccess access, string? error)
    {
        var challenge = $"Bearer realm=\"{Realm(http)}\",service=\"{settings.Service}\"";
        if (access.Describe() is { Length: > 0 } scope) challenge += $",scope=\"{scope}\"";
        return error is null ? challenge : challenge + $",error=\"{error}\"";
    }

    // Never from the Host header or its forwarded kin, which anybody can send: where no address is configured it is the platform's, else that of the connection.
    private string Realm(HttpContext http)
    {
        if (settings.Realm is { } realm) return realm.OriginalString;
        var address = http.Connection.LocalIpAddress ?? IPAddress.Loopback;
        // A listener on both families has an IPv4 client's address in the clothes of IPv6, which the client may not be able to connect to.
        var local = new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, http.Connection.LocalPort);
        return locations.Token(string.Create(CultureInfo.InvariantCulture, $"{http.Request.Scheme}://{local}"));
    }

    private Caller Read(JsonElement claims)
    {
        List<AccessRule> rules = [];
        if (claims.TryGetProperty(TokenClaims.Access, out var access) && access.ValueKind == JsonValueKind.Array)
        {
            rules.AddRange(access.EnumerateArray().Select(FindRule).OfType<AccessRule>());
        }

        var name = Text(claims, "sub");
        return new Caller(name is { Length: > 0 } ? name : null, "token", new AccessRights(rules)) { IsAdmitted = true, Rules = settings.IsExternal ? null : Rules(claims) };
    }

    // Names are names here: an asterisk in a token of somebody else's making gives no right to everything.
    private static AccessRule? FindRule(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("actions", out var list) || list.ValueKind != JsonValueKind.Array) return null;
        var words = list.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!).ToList();
        return (Text(entry, "type"), Text(entry, "name")) switch
        {
            ("registry", { } resource) => words.Contains("*") ? AccessRule.FindResource(resource) : null,
            ({ } type, { } name) when AccessType.IsRepository(type) => RepositoryName.TryParse(name, out var repository) ? AccessRule.For(repository, AccessRule.ParseActions(words)) : null,
            _ => null,
        };
    }

    private static List<string>? Rules(JsonElement claims) =>
        claims.TryGetProperty(TokenClaims.Rules, out var rules) && rules.ValueKind == JsonValueKind.Array
            ? [.. rules.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String).Select(r => r.GetString()!)]
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
