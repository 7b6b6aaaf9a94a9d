using System.Globalization;
using System.Text.Json;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Auth.Tokens;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints;

/// <summary>
/// <c>/token</c> (distribution 3.1.1, "Token Authentication Specification" and "OAuth2 Token Authentication") and <c>/oauth2/exchange</c>.
/// </summary>
internal sealed class TokenEndpoints(TokenSettings settings, TokenService service, TokenIssuer issuer, AuditLog audit, TimeProvider timeProvider) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Token, "GET") => (http, _) => GetAsync(http),
        (RegistryRoute.Token, "POST") => (http, _) => PostAsync(http),
        (RegistryRoute.TokenExchange, "POST") => (http, _) => ExchangeAsync(http),
        _ => null,
    };

    private async Task GetAsync(HttpContext http)
    {
        var query = http.Request.Query;
        CheckService(query["service"]);
        var scopes = TokenScope.ParseAll(query["scope"]);
        var credentials = BasicCredentials.Find(http.Request, out var malformed);
        if (malformed)
        {
            service.RefuseUnreadable(http);
            throw Unauthorized(http);
        }

        var subject = await AskingAgainAsync(http, () => credentials is null ? service.AnonymousAsync(http.RequestAborted) : service.SignInAsync(http, credentials));
        await AnswerAsync(http, subject, scopes, query["offline_token"] == "true");
    }

    private async Task PostAsync(HttpContext http)
    {
        var form = await ReadFormAsync(http);
        CheckService(form["service"]);
        var scopes = TokenScope.ParseAll(form["scope"]);
        var subject = await AskingAgainAsync(http, () => form["grant_type"].ToString() switch
        {
            "password" => service.SignInAsync(http, new BasicCredentials(form["username"].ToString(), form["password"].ToString())),
            "refresh_token" => service.RefreshAsync(http, form["refresh_token"].ToString()),
            _ => throw new RegistryException(RegistryError.TokenRequestInvalid, "grant_type must be password or refresh_token"),
        });
        await AnswerAsync(http, subject, scopes, form["access_type"] == "offline");
    }

    /// <summary>Another issuer's token for a refresh token, as Azure Container Registry does it.</summary>
    private async Task ExchangeAsync(HttpContext http)
    {
        var form = await ReadFormAsync(http);
        CheckService(form["service"]);
        if (form["grant_type"] != "access_token") throw new RegistryException(RegistryError.TokenRequestInvalid, "grant_type must be access_token");
        if (!service.HasRefreshTokens) throw new RegistryException(RegistryError.TokenRequestInvalid, "there are no refresh tokens here; ask for a token with the other issuer's token as the password");
        var subject = await AskingAgainAsync(http, () => service.ExchangeAsync(http, form["access_token"].ToString()));
        audit.SignedIn(http, subject.Name, subject.How, []);
        await WriteAsync(http, [("refresh_token", await service.RefreshTokenAsync(subject, http.RequestAborted))], 0);
    }

    private async Task AnswerAsync(HttpContext http, Subject subject, IReadOnlyList<TokenScope> scopes, bool offline)
    {
        var rightful = scopes.Select(s => s.Grant(subject.Rights)).OfType<AccessRule>().Distinct().ToList();
        var (token, granted) = await issuer.IssueAsync(subject, rightful, http.RequestAborted);
        List<(string, string)> answer = [("token", token), ("access_token", token), ("token_type", "Bearer")];
        if (service.HasRefreshTokens && subject.Name is not null && (offline || subject.RefreshToken is not null)) answer.Add(("refresh_token", await service.RefreshTokenAsync(subject, http.RequestAborted)));
        answer.Add(("scope", string.Join(' ', granted.Select(Describe))));
        answer.Add(("issued_at", timeProvider.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
        audit.SignedIn(http, subject.Name, subject.How, granted.Select(Describe));
        await WriteAsync(http, answer, (long)settings.Lifetime.TotalSeconds);
    }

    private static string Describe(AccessRule rule) => rule.Resource is not null ? rule.ToString() : $"repository:{rule.Pattern}:{string.Join(',', AccessRule.Words(rule.Actions))}";

    private static async Task WriteAsync(HttpContext http, IEnumerable<(string Name, string Value)> answer, long expiresIn)
    {
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        foreach (var (name, value) in answer) json.WriteString(name, value);
        if (expiresIn > 0) json.WriteNumber("expires_in", expiresIn);
        json.WriteEndObject();
    }

    private void CheckService(string? asked)
    {
        if (!string.IsNullOrEmpty(asked) && asked != settings.Service) throw new RegistryException(RegistryError.TokenRequestInvalid, "tokens for that service are not to be had here");
    }

    // Whoever sends what cannot be read is counted and told of like whoever sends what is not right.
    private async Task<IFormCollection> ReadFormAsync(HttpContext http)
    {
        try
        {
            return await TokenForm.ReadAsync(http);
        }
        catch (RegistryException)
        {
            service.RefuseUnreadable(http);
            throw;
        }
    }

    private static async Task<Subject> AskingAgainAsync(HttpContext http, Func<Task<Subject>> signIn)
    {
        try
        {
            return await signIn();
        }
        catch (RegistryException e) when (e.Error == RegistryError.Unauthorized)
        {
            Challenge(http);
            throw;
        }
    }

    private static RegistryException Unauthorized(HttpContext http)
    {
        Challenge(http);
        return new RegistryException(RegistryError.Unauthorized);
    }

    // Here one signs in by password.
    private static void Challenge(HttpContext http) => http.Response.Headers.WWWAuthenticate = "Basic realm=\"token\"";
}
