using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Functions.Tests.Protocol;

/// <summary>Storage that does not answer: never a false "not there" and never a false success.</summary>
public sealed class StorageFaultTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    [Theory]
    [InlineData("GET", "/v2/app/manifests/v1")]
    [InlineData("HEAD", "/v2/app/manifests/v1")]
    [InlineData("GET", "/v2/app/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("HEAD", "/v2/app/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("PUT", "/v2/app/manifests/v1")]
    [InlineData("POST", "/v2/app/blobs/uploads/?digest=sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81")]
    public async Task Storage_that_fails_is_a_503_that_says_when_to_come_back(string method, string path)
    {
        var body = method switch { "PUT" => """{"schemaVersion":2,"manifests":[]}"""u8.ToArray(), "POST" => [1, 2, 3], _ => null };
        Registry.Probe.FailAt(0, StorageFault.Unavailable);
        using var answer = await ExpectAsync(
            Registry.SendAsync(method, path, body, body is null ? null : "application/vnd.oci.image.index.v1+json"),
            HttpStatusCode.ServiceUnavailable, method == "HEAD" ? null : "TOOMANYREQUESTS");
        Assert.NotEmpty(Header(answer, "Retry-After"));
    }

    [Fact]
    public async Task A_bug_is_a_500_that_gives_nothing_away()
    {
        Registry.Probe.FailAt(0, StorageFault.CrashBefore);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.InternalServerError, "UNKNOWN");
        Assert.DoesNotContain("Simulated", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
