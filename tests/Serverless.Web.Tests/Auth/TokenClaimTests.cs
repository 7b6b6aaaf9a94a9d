using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Tokens that are signed with the right key and yet must not be believed, or give nothing.</summary>
public abstract class TokenClaimTests(IStorageKind storage) : ForgedTokenTest(storage)
{
    [Theory]
    [InlineData("iss")]
    [InlineData("aud")]
    public async Task A_token_of_another_issuer_or_for_another_service_is_refused(string claim)
    {
        using var forge = await ForgeAsync();
        foreach (var value in (JsonNode?[])["other", "", "test-registry ", "TEST-REGISTRY", null, 1, new JsonArray(), new JsonArray("other"), new JsonObject()])
        {
            await RefusedAsync(forge.Make(claims: c => c[claim] = value?.DeepClone()));
        }

        await RefusedAsync(forge.Make(claims: c => c.Remove(claim)));
    }

    [Fact]
    public async Task A_token_for_several_services_is_good_for_each()
    {
        using var forge = await ForgeAsync();
        await AcceptedAsync(forge.Make(claims: c => c["aud"] = new JsonArray("other", TokenForge.Service)));
    }

    [Fact]
    public async Task A_token_holds_in_its_time_and_a_minute_around_it()
    {
        using var forge = await ForgeAsync();
        await AcceptedAsync(forge.Make(claims: c => c["exp"] = forge.Seconds(-59)));
        await RefusedAsync(forge.Make(claims: c => c["exp"] = forge.Seconds(-60)));
        await AcceptedAsync(forge.Make(claims: c => c["nbf"] = forge.Seconds(60)));
        await RefusedAsync(forge.Make(claims: c => c["nbf"] = forge.Seconds(61)));
    }

    [Fact]
    public async Task A_token_that_lives_longer_than_the_registry_lets_its_own_live_is_refused_though_it_is_signed_rightly()
    {
        using var forge = await ForgeAsync();
        await AcceptedAsync(forge.Make(claims: c => c["exp"] = forge.Seconds(360)));
        foreach (var seconds in (int[])[361, 3600, 86_400, 315_360_000]) await RefusedAsync(forge.Make(claims: c => c["exp"] = forge.Seconds(seconds)));
        // Near its end too, when little is left, and wherever its beginning is.
        await RefusedAsync(forge.Make(claims: c => (c["nbf"], c["exp"]) = (forge.Seconds(-3600), forge.Seconds(10))));
        await RefusedAsync(forge.Make(claims: c => (c["nbf"], c["exp"]) = (forge.Seconds(3000), forge.Seconds(3300))));
        await RefusedAsync(forge.Make(claims: c => (c["nbf"], c["iat"], c["exp"]) = (0, forge.Seconds(0), forge.Seconds(300))));
        await RefusedAsync(forge.Make(claims: c =>
        {
            c.Remove("nbf");
            c["exp"] = forge.Seconds(361);
        }));
        await RefusedAsync(forge.Make(claims: c => c["exp"] = long.MaxValue));
    }

    [Fact]
    public async Task A_token_without_an_end_or_with_none_that_can_be_read_is_refused()
    {
        using var forge = await ForgeAsync();
        await RefusedAsync(forge.Make(claims: c => c.Remove("exp")));
        foreach (var end in (JsonNode?[])[null, "never", "", 0, -1, new JsonArray(), true]) await RefusedAsync(forge.Make(claims: c => c["exp"] = end?.DeepClone()));
    }

    [Fact]
    public async Task A_token_that_was_tampered_with_is_refused()
    {
        using var forge = await ForgeAsync();
        var parts = forge.Make().Split('.');
        var claims = TokenForge.Encode(forge.Claims(c => c["access"] = new JsonArray(TokenForge.Entry("repository", "team/app", "pull", "push"))).ToJsonString());
        await RefusedAsync($"{parts[0]}.{claims}.{parts[2]}");
        await RefusedAsync($"{TokenForge.Encode(forge.Header(h => h["typ"] = "jwt").ToJsonString())}.{parts[1]}.{parts[2]}");
        // Some characters of the middle, for the last one may carry bits without a meaning.
        foreach (var at in (int[])[0, 20, 40])
        {
            var signature = parts[2].ToCharArray();
            signature[at] = signature[at] == 'A' ? 'B' : 'A';
            await RefusedAsync($"{parts[0]}.{parts[1]}.{new string(signature)}");
        }

        await RefusedAsync($"{parts[0]}.{parts[1]}.{parts[2][..40]}");
        await RefusedAsync($"{parts[0]}.{parts[1]}.{parts[2]}{parts[2]}");
        // Zeros as a signature were taken for one once, by others (CVE-2022-21449).
        await RefusedAsync(TokenForge.Make(forge.Header(), forge.Claims(), _ => new byte[64]));
    }

    [Fact]
    public async Task A_token_that_says_something_twice_is_refused()
    {
        using var forge = await ForgeAsync();
        var (header, claims) = (forge.Header().ToJsonString(), forge.Claims().ToJsonString());
        await AcceptedAsync(Sign(header, claims));
        await RefusedAsync(Sign(header, "{\"aud\":\"other\"," + claims[1..]));
        await RefusedAsync(Sign(header, claims[..^1] + ",\"sub\":\"admin\"}"));
        await RefusedAsync(Sign("{\"alg\":\"none\"," + header[1..], claims));
        await RefusedAsync(Sign(header, claims.Replace("\"type\":", "\"name\":\"team/other\",\"type\":", StringComparison.Ordinal)));

        string Sign(string h, string c) => TokenForge.Make(h, c, data => forge.Key.SignData(data, System.Security.Cryptography.HashAlgorithmName.SHA256));
    }

    [Fact]
    public async Task What_is_not_three_parts_of_JSON_and_at_most_16_KiB_is_no_token()
    {
        using var forge = await ForgeAsync();
        var token = forge.Make();
        var parts = token.Split('.');
        await AcceptedAsync(forge.Make(claims: c => c["more"] = new string('x', 10_000)));
        foreach (var text in (string[])
            [
                forge.Make(claims: c => c["more"] = new string('x', 13_000)),
                parts[0], $"{parts[0]}.{parts[1]}", $"{parts[0]}.{parts[1]}.", $".{parts[1]}.{parts[2]}", $"{parts[0]}..{parts[2]}",
                token + ".", token + ".x", "." + token, $"{parts[0]}.x.x.{parts[1]}.{parts[2]}", $"{parts[0]}....", "..", "...", "ey", "ey..", "x",
                $"{token}, {token}", $"{parts[0]}.{parts[1]}.%%%", $"ey%.{parts[1]}.{parts[2]}", $"{parts[0]}.{TokenForge.Encode("[]")}.{parts[2]}",
                $"{parts[0]}.{TokenForge.Encode("{")}.{parts[2]}", $"{TokenForge.Encode("{\"alg\"")}.{parts[1]}.{parts[2]}",
                $"{parts[0]}.{TokenForge.Encode(new string('[', 2000))}.{parts[2]}",
            ])
        {
            await RefusedAsync(text);
        }
    }

    [Fact]
    public async Task A_token_gives_what_it_names_and_no_pattern()
    {
        using var forge = await ForgeAsync();
        foreach (var access in (JsonNode?[])
            [
                new JsonArray(TokenForge.Entry("repository", "*", "*")), new JsonArray(TokenForge.Entry("repository", "team/*", "pull")), new JsonArray(TokenForge.Entry("repository", "team/ap?", "pull")),
                new JsonArray(TokenForge.Entry("repository", "team/app2", "pull")), new JsonArray(TokenForge.Entry("repository", "TEAM/APP", "pull")), new JsonArray(TokenForge.Entry("repository", "team/app", "push", "delete", "PULL")),
                new JsonArray(TokenForge.Entry("repository(plugin", "team/app", "pull")), new JsonArray(TokenForge.Entry("plugin", "team/app", "pull")), new JsonArray(TokenForge.Entry("registry", "catalog", "pull")),
                new JsonArray(TokenForge.Entry(null, "team/app", "pull")), new JsonArray(TokenForge.Entry("repository", 1, "pull")), new JsonArray(TokenForge.Entry("repository", null, "pull")),
                new JsonArray("repository:team/app:pull"), new JsonArray(1, null, true, new JsonArray()), new JsonObject(), "repository:team/app:pull", 1, null,
                new JsonArray(new JsonObject { ["type"] = "repository", ["name"] = "team/app", ["actions"] = "pull" }),
                new JsonArray(new JsonObject { ["type"] = "repository", ["name"] = "team/app", ["actions"] = new JsonArray(1, null, new JsonArray("pull")) }),
                new JsonArray(new JsonObject { ["type"] = "repository", ["name"] = "team/app" }),
            ])
        {
            await UselessAsync(forge.Make(claims: c => c["access"] = access?.DeepClone()));
        }

        await UselessAsync(forge.Make(claims: c => c.Remove("access")));
        // The class says what is in the repository, and changes no right.
        using var plugin = await Registry.SendAsync("GET", "/v2/team/app/manifests/v1", headers: Bearer(forge.Make(claims: c => c["access"] = new JsonArray(TokenForge.Entry("repository(plugin)", "team/app", "pull")))));
        Assert.Equal(HttpStatusCode.NotFound, plugin.StatusCode);
    }

    [Fact]
    public async Task Two_tokens_are_none_and_a_password_is_shown_the_way()
    {
        using var forge = await ForgeAsync();
        var token = Bearer(forge.Make());
        await RefusedAsync("invalid_token", token, token);
        await RefusedAsync("invalid_token", token, Basic("alice", Password));
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Basic("alice", Password)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.EndsWith(",service=\"test-registry\"", Header(answer, "WWW-Authenticate"), StringComparison.Ordinal);
    }
}

public sealed class TokenClaimTestsInMemory(InMemoryStorage storage) : TokenClaimTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class TokenClaimTestsOnAzurite(AzuriteStorage storage) : TokenClaimTests(storage);
