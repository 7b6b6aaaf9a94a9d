using Serverless.Web.Auth.Tokens;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary><c>/.well-known/jwks.json</c>: the keys that sign this registry's tokens, for those who check them themselves (RFC 7517).</summary>
internal sealed class SigningKeysEndpoint(KeyRing keys) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) =>
        (route, method) is (RegistryRoute.SigningKeys, "GET") ? (http, _) => AnswerAsync(http) : null;

    private async Task AnswerAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "public, max-age=300";
        await http.Response.WriteAsync(await keys.GetJwksAsync(http.RequestAborted), http.RequestAborted);
    }
}
