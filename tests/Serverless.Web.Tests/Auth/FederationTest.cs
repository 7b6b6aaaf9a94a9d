using System.Buffers.Text;
using System.Text;

namespace Serverless.Web.Tests.Auth;

/// <summary>A test of a registry that trusts an issuer of OpenID Connect.</summary>
public abstract class FederationTest(IStorageKind storage) : AuthTest(storage)
{
    protected const string TokenUser = "00000000-0000-0000-0000-000000000000";

    /// <summary>A registry that lets builds of one repository in, for a tag.</summary>
    internal async Task<RegistryServer> StartAsync(OidcIssuer issuer, params string[] more)
    {
        await ScopeMaps.SetAsync("ci", Rights("ci/*:pull,push"), default);
        const string Key = "Auth:Federation:forge:";
        return await StartAnotherAsync(
        [
            $"{Key}Issuer={issuer.Address}", $"{Key}Audience={OidcIssuer.Audience}", $"{Key}Rules:0:Claims:repository_id=42", $"{Key}Rules:0:Claims:ref=refs/tags/*",
            $"{Key}Rules:0:Scopes:0=ci", "Outbound:Allow:0=127.0.0.1", .. more,
        ]);
    }

    protected static Task<HttpResponseMessage> ExchangeAsync(RegistryServer registry, string token) =>
        PostAsync(registry, "/oauth2/exchange", ("grant_type", "access_token"), ("service", "test-registry"), ("access_token", token));

    protected static Task<HttpResponseMessage> RefreshAsync(RegistryServer registry, string token) =>
        PostAsync(registry, "/oauth2/token", ("grant_type", "refresh_token"), ("service", "test-registry"), ("scope", "repository:ci/app:pull,push"), ("refresh_token", token));

    private static async Task<HttpResponseMessage> PostAsync(RegistryServer registry, string path, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await registry.SendAsync("POST", path, await content.ReadAsByteArrayAsync(), "application/x-www-form-urlencoded");
    }

    protected static string Payload(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1]));
}
