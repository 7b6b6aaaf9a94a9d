using System.Diagnostics;
using System.Net;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The worker's life: how it starts, what happens when it dies, how it ends.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedWorkerTests(HostedFixture fixture)
{
    [Fact]
    public async Task A_worker_that_dies_is_replaced_and_what_was_acknowledged_is_there()
    {
        await using var registry = await fixture.StartAsync();
        var image = await registry.PrepareImageAsync("app");
        using var put = await registry.PutManifestAsync("app", "v1", image);
        for (var death = 1; death <= 2; death++)
        {
            await KillAsync(registry);
            // The host sends the request again until the next worker takes it.
            using var answer = await registry.SendAsync("GET", "/v2/app/manifests/v1");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(image.Payload.ToArray(), await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task After_three_deaths_the_host_gives_up()
    {
        await using var registry = await fixture.StartAsync();
        for (var death = 1; death <= 3; death++)
        {
            using var answer = await registry.SendAsync("GET", "/v2/");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await KillAsync(registry);
        }

        for (var i = 0; i < 200 && !registry.Host.HasGivenUp; i++) await Task.Delay(20);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await registry.SendAsync("GET", "/v2/")).StatusCode);
    }

    [Fact]
    public async Task An_upload_in_flight_is_finished_when_the_host_stops()
    {
        await using var registry = await fixture.StartAsync();
        var location = await registry.StartUploadAsync("app");
        using var rest = new SemaphoreSlim(0);
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(location, UriKind.Relative)) { Content = new SlowContent("begun, "u8.ToArray(), rest, "ended"u8.ToArray(), hasLength: false) };
        var upload = registry.Client.SendAsync(request);
        var content = (SlowContent)request.Content;
        await content.Begun;
        var stopped = registry.Host.StopAsync();
        await Task.Delay(200);
        Assert.False(stopped.IsCompleted);
        rest.Release();
        using var answer = await upload;
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await stopped;
    }

    [Theory]
    [InlineData("Registry__Storage__ConnectionString", "", "Registry:Storage needs ConnectionString or AccountName")]
    [InlineData("Registry__Redirect__Enabled", "perhaps", "Registry:Redirect:Enabled must be true or false")]
    [InlineData("Registry__Prefix", "/team", "Registry:Prefix must be")]
    [InlineData("Registry__Auth__Mode", "", "Registry:Auth:Mode")]
    [InlineData("Registry__Timers__TimeLimit", "00:30:00", "less than functionTimeout")]
    public async Task With_bad_settings_it_does_not_start_and_says_why(string name, string value, string expected)
    {
        var e = await Assert.ThrowsAsync<HostRefusesException>(() => fixture.StartAsync((name, value)));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_OpenTelemetry_is_loaded_where_nobody_has_asked_for_it()
    {
        await using var registry = await fixture.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/")).StatusCode);
        // A cold start counts.
        Assert.DoesNotContain("/OpenTelemetry", await File.ReadAllTextAsync($"/proc/{registry.Host.WorkerId}/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_servers_own_limit_is_taken_for_a_layer_and_refused_elsewhere()
    {
        await using var registry = await fixture.StartAsync();
        // The limit of Kestrel is 30,000,000 bytes, and lifted once it is known who sends.
        var content = Testing.RegistryClient.RandomBytes(31_000_000);
        await registry.PushBlobAsync("app", content);
        Assert.True(registry.Host.PeakBytesHeld >= content.Length);
        using var manifest = await registry.SendAsync("PUT", "/v2/app/manifests/v1", content, "application/vnd.oci.image.manifest.v1+json");
        // Elsewhere it stays: the worker breaks the body off, which the host tells in its own way.
        Assert.Equal(HttpStatusCode.InternalServerError, manifest.StatusCode);
        using var large = await registry.SendAsync("PUT", "/v2/app/manifests/v1", content[..5_000_000], "application/vnd.oci.image.manifest.v1+json");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    private static async Task KillAsync(HostedRegistry registry)
    {
        using var worker = Process.GetProcessById(registry.Host.WorkerId);
        worker.Kill();
        await worker.WaitForExitAsync();
    }
}
