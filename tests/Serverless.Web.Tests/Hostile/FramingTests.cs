using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>Bodies and heads that are framed wrongly, twice, or beyond all measure.</summary>
public abstract class FramingTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string Index = """{"schemaVersion":2,"manifests":[]}""";
    private const string Put = "PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: registry\r\nConnection: close\r\nContent-Type: application/vnd.oci.image.index.v1+json\r\n";

    [Theory]
    [InlineData("Content-Length: 34\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n22\r\n", "\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n22;name=value\r\n", "\r\n0\r\nTrailer: x\r\n\r\n")]
    [InlineData("Expect: 100-continue\r\nContent-Length: 34\r\n\r\n", "")]
    public async Task A_manifest_may_be_framed_in_either_way(string before, string after)
    {
        var answer = await RawRequest.SendAsync(Registry, Put + before + Index + after);
        Assert.True(answer.Status is 201 or 100, answer.Body);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nxx\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-22\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n21\r\n")]
    [InlineData("Transfer-Encoding: identity\r\nContent-Length: 34\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, gzip\r\n\r\n22\r\n")]
    [InlineData("Content-Length: 34\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("Content-Length: 34, 34\r\n\r\n")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    [InlineData("Content-Length: 0x22\r\n\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Content-Length: 0\r\n\r\n")]
    [InlineData("X: a\0b\r\nContent-Length: 34\r\n\r\n")]
    [InlineData("X y: z\r\nContent-Length: 34\r\n\r\n")]
    [InlineData("\r\n")]
    public async Task A_body_that_is_framed_wrongly_is_refused_and_stores_nothing(string head)
    {
        var answer = await RawRequest.SendAsync(Registry, Put + head + Index + "\r\n0\r\n\r\n");
        Assert.InRange(answer.Status, 400, 499);
        Assert.Empty(await SnapshotAsync());
    }

    [Fact]
    public async Task A_body_that_is_framed_in_both_ways_smuggles_no_second_request()
    {
        var inner = "DELETE /v2/app/manifests/v1 HTTP/1.1\r\nHost: registry\r\nContent-Length: 0\r\n\r\n";
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", ManifestBuilder.ForIndex().Build()), HttpStatusCode.Created);
        var before = await SnapshotAsync();
        await RawRequest.SendAsync(
            Registry, $"POST /v2/app/blobs/uploads/ HTTP/1.1\r\nHost: registry\r\nContent-Length: {inner.Length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}");
        Assert.Equal(before, await SnapshotAsync());
    }

    [Theory]
    [InlineData(9_000, 404)]
    [InlineData(48_000, 404)]
    [InlineData(50_000, 414)]
    [InlineData(1_000_000, 414)]
    public async Task A_path_beyond_all_measure_is_refused(int length, int status)
    {
        var answer = await RawRequest.SendAsync(Registry, "GET", $"/v2/app/manifests/{new string('a', length)}");
        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData(1, 30_000, 200)]
    [InlineData(1, 40_000, 431)]
    [InlineData(90, 10, 200)]
    [InlineData(200, 10, 431)]
    public async Task Headers_beyond_all_measure_are_refused(int count, int length, int status)
    {
        var headers = Enumerable.Range(0, count).Select(i => $"X-{i.ToString(CultureInfo.InvariantCulture)}: {new string('a', length)}");
        Assert.Equal(status, (await RawRequest.SendAsync(Registry, "GET", "/v2/", [.. headers])).Status);
    }

    [Fact]
    public async Task A_query_of_thousands_of_parameters_is_read_or_refused()
    {
        var query = string.Join('&', Enumerable.Repeat("n", 5000));
        var answer = await RawRequest.SendAsync(Registry, "GET", $"/v2/_catalog?{query}");
        Assert.InRange(answer.Status, 200, 499);
    }

    [Theory]
    [InlineData("Content-Length: 5000000\r\n\r\n")]
    [InlineData("Content-Length: 9223372036854775807\r\n\r\n")]
    public async Task A_manifest_that_announces_too_much_is_refused_before_it_comes(string head)
    {
        var answer = await RawRequest.SendAsync(Registry, Put + head);
        Assert.Equal(413, answer.Status);
        Assert.Contains("MANIFEST_INVALID", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_does_not_say_how_long_it_is_is_refused_when_it_is_too_long()
    {
        var answer = await RawRequest.SendAsync(Registry, Put + $"Transfer-Encoding: chunked\r\n\r\n500000\r\n{new string(' ', 0x500000)}\r\n0\r\n\r\n");
        Assert.Equal(413, answer.Status);
        Assert.Empty(await SnapshotAsync());
    }

    [Fact]
    public async Task A_body_to_a_request_that_needs_none_is_not_read()
    {
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", ManifestBuilder.ForIndex().Build()), HttpStatusCode.Created);
        foreach (var method in (string[])["GET", "DELETE"])
        {
            using var answer = await Registry.SendAsync(method, "/v2/app/manifests/v1", Encoding.UTF8.GetBytes(Index), MediaTypes.OciIndex);
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        }
    }
}

public sealed class FramingTestsInMemory(InMemoryStorage storage) : FramingTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class FramingTestsOnAzurite(AzuriteStorage storage) : FramingTests(storage);
