using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Bodies: those with a length are held whole, those in chunks stream, and all have a limit.</summary>
[Collection(FixtureCollection.Name)]
public sealed class BodyTests(PublishedFixture fixture, SharedHost shared) : IClassFixture<SharedHost>
{
    private const string LimitSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

    [Fact]
    public async Task A_body_with_a_length_is_held_whole_before_the_worker_hears_of_it()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        using var rest = new SemaphoreSlim(0);
        var content = new SlowContent(new byte[100_000], rest, new byte[1], hasLength: true);
        var upload = host.SendAsync("PUT", "/count", content);
        await content.Begun;
        await Task.Delay(300);
        Assert.DoesNotContain("Count:", host.Output, StringComparison.Ordinal);
        Assert.Equal(100_001, host.Host.BytesHeld);
        rest.Release();
        using var answer = await upload;
        Assert.Equal("100001", await answer.Content.ReadAsStringAsync());
        Assert.Equal(100_001, host.Host.PeakBytesHeld);
        for (var i = 0; i < 100 && host.Host.BytesHeld > 0; i++) await Task.Delay(20);
        Assert.Equal(0, host.Host.BytesHeld);
    }

    [Fact]
    public async Task A_body_in_chunks_streams()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        using var rest = new SemaphoreSlim(0);
        var upload = host.SendAsync("PUT", "/count", new SlowContent(new byte[100_000], rest, new byte[1], hasLength: false));
        await host.WaitForAsync("bytes so far");
        rest.Release();
        using var answer = await upload;
        Assert.Equal("100001", await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, host.Host.PeakBytesHeld);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_an_error_and_one_at_the_limit_passes()
    {
        await using var host = await FixtureHost.StartAsync(fixture, (LimitSetting, "1000000"));
        using var large = await PutAsync(host, 1_000_001, chunked: false);
        Assert.Equal(HttpStatusCode.InternalServerError, large.StatusCode);
        Assert.DoesNotContain("Count:", host.Output, StringComparison.Ordinal);
        using var chunked = await PutAsync(host, 1_000_001, chunked: true);
        Assert.Equal(HttpStatusCode.InternalServerError, chunked.StatusCode);
        using var passed = await PutAsync(host, 1_000_000, chunked: false);
        Assert.Equal("1000000", await passed.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Without_a_setting_the_limit_is_a_hundred_mebibytes()
    {
        await using var host = await FixtureHost.StartAsync(fixture, ("LiftBodyLimit", "true"));
        using var passed = await PutAsync(host, 104_857_600, chunked: false);
        Assert.Equal("104857600", await passed.Content.ReadAsStringAsync());
        using var large = await PutAsync(host, 104_857_601, chunked: false);
        Assert.Equal(HttpStatusCode.InternalServerError, large.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_workers_own_limit_holds_unless_the_app_lifts_it(bool chunked)
    {
        var host = shared.Host;
        using var passed = await PutAsync(host, 29_000_000, chunked);
        Assert.Equal("29000000", await passed.Content.ReadAsStringAsync());
        using var large = await PutAsync(host, 30_000_001, chunked);
        Assert.False(large.IsSuccessStatusCode);
    }

    private static async Task<HttpResponseMessage> PutAsync(FixtureHost host, int length, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri("/count", UriKind.Relative)) { Content = new ByteArrayContent(new byte[length]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.TransferEncodingChunked = chunked;
        // So that a refusal is read before the body is sent into a connection that is closed.
        request.Headers.ExpectContinue = true;
        return await host.Client.SendAsync(request);
    }
}
