using System.Net;
using System.Security.Cryptography;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Tokens whose JSON the framework parses and then throws at, with a right signature where that makes a difference.</summary>
public abstract class MalformedTokenTests(IStorageKind storage) : ForgedTokenTest(storage)
{
    private const string LoneSurrogate = "\\ud800";

    [Fact]
    public async Task Half_of_a_surrogate_pair_is_no_text_wherever_it_stands()
    {
        using var forge = await ForgeAsync();
        var (header, claims) = (forge.Header().ToJsonString(), forge.Claims().ToJsonString());
        await RefusedAsync(Sign(forge, "{\"alg\":\"" + LoneSurrogate + "\"}", claims));
        foreach (var (h, c) in ((string, string)[])
            [
                (header[..^1] + ",\"kid2\":\"" + LoneSurrogate + "\"}", claims), (header[..^1] + ",\"" + LoneSurrogate + "\":1}", claims),
                (header, claims[..^1] + ",\"" + LoneSurrogate + "\":1}"), (header, claims.Replace("mallory", LoneSurrogate, StringComparison.Ordinal)),
                (header, claims.Replace("team/app", "team/" + LoneSurrogate, StringComparison.Ordinal)), (header, claims[..^1] + ",\"rules\":[\"" + LoneSurrogate + "\"]}"),
                (header, claims[..^1] + ",\"x\":[{\"y\":\"\\udc00\\ud800\"}]}"),
            ])
        {
            await RefusedAsync(Sign(forge, h, c));
        }
    }

    [Fact]
    public async Task A_time_is_a_number()
    {
        using var forge = await ForgeAsync();
        var end = forge.Seconds(300);
        foreach (var name in (string[])["exp", "nbf", "iat"])
        {
            foreach (var value in (string[])[$"\"{end}\"", $"\"{forge.Seconds(-10)}\"", "\"\"", "null", "true", "[]", "{}", "-1", "1e300", "1e999", "-0.5", "99999999999999999999", "\"2030-01-01T00:00:00Z\""])
            {
                var claims = forge.Claims(c => c.Remove(name)).ToJsonString();
                await RefusedAsync(Sign(forge, forge.Header().ToJsonString(), $"{claims[..^1]},\"{name}\":{value}}}"));
            }
        }

        // RFC 7519: "a JSON numeric value", which may have a fraction.
        await AcceptedAsync(Sign(forge, forge.Header().ToJsonString(), forge.Claims(c => c.Remove("exp")).ToJsonString()[..^1] + $",\"exp\":{end}.5}}"));
    }

    [Fact]
    public async Task What_the_token_says_of_its_holder_may_be_of_any_kind_and_gives_nothing_by_it()
    {
        using var forge = await ForgeAsync();
        foreach (var value in (string[])["1", "null", "[]", "{}", "\"[\"", "[1]", "[null]", "[\"\"]", "[\"a:b:c\"]", "[\"TEAM\"]", "[[\"team/*\"]]", "\"\\u0000\""])
        {
            foreach (var name in (string[])["sub", "rules", "jti", "x"])
            {
                var claims = forge.Claims(c => c.Remove(name)).ToJsonString();
                using var answer = await Registry.SendAsync("GET", "/v2/team/app/manifests/v1", headers: Bearer(Sign(forge, forge.Header().ToJsonString(), $"{claims[..^1]},\"{name}\":{value}}}")));
                // The subject and the id are texts (RFC 7519), and the library refuses others; the rules that let somebody in are our own, and what is no rule of ours lets nobody in.
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound || (name is "sub" or "jti" && answer.StatusCode == HttpStatusCode.Unauthorized), $"{name}: {value} was answered {answer.StatusCode}.");
            }
        }
    }

    [Fact]
    public async Task Only_base64url_without_padding_is_taken_apart()
    {
        using var forge = await ForgeAsync();
        var parts = forge.Make().Split('.');
        foreach (var odd in (string[])["=", "==", " ", "\t", "+", "/", "%3d"])
        {
            await RefusedAsync($"{parts[0]}{odd}.{parts[1]}.{parts[2]}");
            await RefusedAsync($"{parts[0]}.{parts[1]}{odd}.{parts[2]}");
            if (odd.Trim().Length > 0) await RefusedAsync($"{parts[0]}.{parts[1]}.{parts[2]}{odd}");
        }

        // Bits beyond the last byte.
        await RefusedAsync($"eyJ9.{parts[1]}.{parts[2]}");
        await RefusedAsync($"{parts[0]}.eyB.{parts[2]}");
    }

    private static string Sign(TokenForge forge, string header, string claims) => TokenForge.Make(header, claims, data => forge.Key.SignData(data, HashAlgorithmName.SHA256));
}

public sealed class MalformedTokenTestsInMemory(InMemoryStorage storage) : MalformedTokenTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class MalformedTokenTestsOnAzurite(AzuriteStorage storage) : MalformedTokenTests(storage);
