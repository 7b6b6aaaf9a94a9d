using Serverless.Registry.Oci;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>
/// Paths that some proxy, cache or framework reads as another one (Harbor CVE-2020-29662): whatever they are taken for, access is decided on the same
/// reading, and what is no endpoint is not found.
/// </summary>
public abstract class SpellingTests(IStorageKind storage) : RegistryTest(storage)
{
    public static TheoryData<string> OtherPaths =>
    [
        "//v2/app/manifests/v1",
        "/v2//app/manifests/v1",
        "/v2/app//manifests/v1",
        "/v2/app/manifests//v1",
        "/v2/app/manifests/v1/",
        "/v2/app/manifests/v1//",
        "/v2/./app/manifests/v1",
        "/./v2/app/manifests/v1",
        "/../v2/app/manifests/v1",
        "/x/../v2/app/manifests/v1",
        "/v2/x/../app/manifests/v1",
        "/v2/app/x/../manifests/v1",
        "/v2/app/manifests/./v1",
        "/v2/app/manifests/x/../v1",
        "/v2/x/%2e%2e/app/manifests/v1",
        "/v2/x/.%2E/app/manifests/v1",
        "/v2/app/manifests/v1/%2e",
        "/v2/app/manifests/v1%2f",
        "/v2%2fapp%2fmanifests%2fv1",
        "/v2%2Fapp/manifests/v1",
        "/v2/app%2Fmanifests%2Fv1",
        "/v2/app/manifests/%2e%2e%2fmanifests%2fv1",
        "/v2/app%252fmanifests%252fv1",
        "/v2/app/manifests/%2576%31",
        "/v2/app/manifests/v1%00",
        "/v2/app/manifests/v1%0a",
        "/v2/app/manifests/v1%0d%0aX-Injected:%201",
        "/v2/app/manifests/v1%20",
        "/v2/app/manifests/%20v1",
        "/v2/app/manifests/v1%3Fa=b",
        "/v2/app/manifests/v1%23",
        "/v2/app/manifests/v1;a=b",
        "/v2/app;a=b/manifests/v1",
        "/v2\\app\\manifests\\v1",
        "/v2/app\\manifests/v1",
        "/v2/app%5cmanifests/v1",
        "/V2/app/manifests/v1",
        "/v2/App/manifests/v1",
        "/v2/app/Manifests/v1",
        "/v2/app/MANIFESTS/v1",
        "/v2/app/manifests/v1.json",
        "/v2/app/manifests/v%EF%BC%91",
        "/v2/%EF%BD%81pp/manifests/v1",
        "/v2/app%E2%88%95manifests/v1",
        "/v2/app/manifests%EF%BC%8Fv1",
        "/v2/app%C0%AFmanifests/v1",
        "/v2/app/manifests/%FFv1",
        "/v2/app/manifests/%v1",
        "/v2/app/manifests/v1%",
        "/v2/app/manifests/%u0076%u0031",
    ];

    [Theory]
    [MemberData(nameof(OtherPaths))]
    public async Task Another_path_is_no_way_to_the_manifest(string path)
    {
        await PushAsync();
        var before = await SnapshotAsync();
        foreach (var method in (string[])["GET", "DELETE"])
        {
            var answer = await RawRequest.SendAsync(Registry, method, path);
            Assert.True(answer.Status is 400 or 404, $"{method} {path} was answered {answer.Status}: {answer.Body}");
            Assert.DoesNotContain("X-Injected", answer.Headers, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(before, await SnapshotAsync());
    }

    [Theory]
    [InlineData("/v2/app/manifests/v1")]
    [InlineData("/v2/app/manifests/%76%31")]
    [InlineData("/v2/%61pp/manifests/v1")]
    [InlineData("/v2/app/%6Danifests/v1")]
    [InlineData("/%762/app/manifests/v1")]
    [InlineData("/v2/app/manifests/v1?")]
    [InlineData("/v2/app/manifests/v1?/../../x")]
    [InlineData("/v2/app/manifests/v1?x=%00")]
    [InlineData("http://registry/v2/app/manifests/v1")]
    [InlineData("https://evil.example:8443/v2/app/manifests/v1?x=/v2/")]
    public async Task Letters_that_are_encoded_any_query_and_the_absolute_form_are_the_same_path_and_need_the_same_right(string path)
    {
        await PushAsync();
        Assert.Equal(200, (await RawRequest.SendAsync(Registry, "GET", path)).Status);
        await using var closed = await RegistryServer.StartAsync(Registry.Stores, Time, new TestAuthenticator(), null);
        Assert.Equal(403, (await RawRequest.SendAsync(closed, "GET", path)).Status);
        Assert.Equal((0, 0), closed.Probe.Counts);
    }

    [Theory]
    [MemberData(nameof(OtherPaths))]
    public async Task Another_path_skips_no_decision_on_access(string path)
    {
        await using var closed = await RegistryServer.StartAsync(Registry.Stores, Time, new TestAuthenticator(), null);
        var answer = await RawRequest.SendAsync(closed, "GET", path);
        Assert.True(answer.Status is 400 or 403 or 404, $"{path} was answered {answer.Status}: {answer.Body}");
        Assert.Equal((0, 0), closed.Probe.Counts);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("GeT")]
    [InlineData("GETT")]
    public async Task A_method_in_other_letters_is_another_method(string method)
    {
        await PushAsync();
        Assert.Equal(405, (await RawRequest.SendAsync(Registry, method, "/v2/app/manifests/v1")).Status);
    }

    private async Task PushAsync()
    {
        using var put = await Registry.PutManifestAsync("app", "v1", ManifestBuilder.ForIndex().Build());
        put.EnsureSuccessStatusCode();
    }
}

public sealed class SpellingTestsInMemory(InMemoryStorage storage) : SpellingTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class SpellingTestsOnAzurite(AzuriteStorage storage) : SpellingTests(storage);
