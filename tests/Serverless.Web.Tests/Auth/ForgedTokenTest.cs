using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>A test that comes with tokens which the registry has not issued.</summary>
public abstract class ForgedTokenTest(IStorageKind storage) : AuthTest(storage)
{
    private const string Path = "/v2/team/app/manifests/v1";

    /// <summary>A forge with the registry's own key. A right token was let in, so that the registry has read its keys.</summary>
    internal async Task<TokenForge> ForgeAsync()
    {
        // The registry makes its key when it is first asked for it.
        await ExpectAsync(Registry.SendAsync("GET", "/.well-known/jwks.json"), HttpStatusCode.OK);
        var forge = await TokenForge.OfAsync(Registry, Time);
        await AcceptedAsync(forge.Make());
        return forge;
    }

    /// <summary>The token is believed: the manifest that it lets one ask for is not there.</summary>
    protected async Task AcceptedAsync(string token) =>
        (await ExpectAsync(Registry.SendAsync("GET", Path, headers: Bearer(token)), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN")).Dispose();

    /// <summary>The token is believed but gives no right.</summary>
    protected Task UselessAsync(string token) => RefusedAsync("insufficient_scope", Bearer(token));

    /// <summary>The token is not believed, and nobody was asked about it.</summary>
    protected Task RefusedAsync(string token) => RefusedAsync("invalid_token", Bearer(token));

    protected async Task RefusedAsync(string error, params (string Name, string Value)[] headers)
    {
        Registry.Probe.Reset();
        using var answer = await ExpectAsync(Registry.SendAsync("GET", Path, headers: headers), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.EndsWith($",scope=\"repository:team/app:pull\",error=\"{error}\"", Header(answer, "WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }
}
