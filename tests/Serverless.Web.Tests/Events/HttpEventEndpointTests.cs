using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Delivery;
using Xunit;

namespace Serverless.Web.Tests.Events;

/// <summary>What an endpoint is sent, and what its answers mean.</summary>
public sealed class HttpEventEndpointTests : EndpointTest
{
    private static readonly string[] s_secrets = ["s3cret-query", "s3cret-header", "s3cret-key-of-hmac", "s3cret-answer", "/events"];

    [Fact]
    public async Task An_event_is_a_POST_with_the_headers_that_are_set()
    {
        var endpoint = New(["Headers:0=Authorization: Bearer s3cret-header", "Headers:1=X-From: registry"]);
        Assert.Equal(DeliveryOutcome.Delivered, await endpoint.SendAsync(EventSamples.Push, CancellationToken.None));
        var got = Assert.Single(Receiver.Received);
        Assert.Equal(("POST", "/events?key=s3cret-query"), (got.Method, got.Target));
        Assert.Equal(("application/vnd.docker.distribution.events.v2+json", "serverless-registry"), (got.Headers["Content-Type"], got.Headers["User-Agent"]));
        Assert.Equal(("Bearer s3cret-header", "registry", Host), (got.Headers["Authorization"], got.Headers["X-From"], got.Headers["Host"]));
        Assert.StartsWith("{\"events\":[{\"id\":\"" + EventSamples.Id, Encoding.UTF8.GetString(got.Body), StringComparison.Ordinal);
        Assert.DoesNotContain("webhook-signature", got.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.Equal(("ci", 3), (endpoint.Subscription.Name, endpoint.Options.Threshold));
    }

    [Theory]
    [InlineData("CloudEvents", "application/cloudevents+json", false)]
    [InlineData("CloudEventsBinary", "application/json", true)]
    public async Task CloudEvents_are_sent_as_their_binding_has_it(string format, string contentType, bool isBinary)
    {
        Assert.True((await New([$"Format={format}"]).SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
        var got = Assert.Single(Receiver.Received);
        Assert.Equal(contentType, got.Headers["Content-Type"]);
        Assert.Equal(isBinary ? EventSamples.Id : null, got.Headers.GetValueOrDefault("ce-id"));
    }

    [Theory]
    [InlineData(200, true, false)]
    [InlineData(202, true, false)]
    [InlineData(204, true, false)]
    [InlineData(301, false, true)]
    [InlineData(304, false, true)]
    [InlineData(307, false, true)]
    [InlineData(400, false, true)]
    [InlineData(401, false, true)]
    [InlineData(404, false, true)]
    [InlineData(410, false, true)]
    [InlineData(413, false, true)]
    [InlineData(408, false, false)]
    [InlineData(429, false, false)]
    [InlineData(500, false, false)]
    [InlineData(503, false, false)]
    public async Task An_answer_delivers_the_event_refuses_it_or_shows_that_the_endpoint_does_not_work(int status, bool isDelivered, bool isRefused)
    {
        Receiver.Answer = async http =>
        {
            http.Response.Headers.Location = "http://other.example/events";
            http.Response.StatusCode = status;
            if (status is not (204 or 304)) await http.Response.WriteAsync("s3cret-answer");
        };
        var outcome = await New([]).SendAsync(EventSamples.Push, CancellationToken.None);
        Assert.Equal((isDelivered, isRefused, null), (outcome.IsDelivered, outcome.IsRefused, outcome.RetryAfter));
        if (!isDelivered) AssertProblem(outcome, $"The endpoint answered {status}{(status < 400 ? ", a redirect that is not followed" : "")}.");
        Assert.Single(Receiver.Received);
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "Thu, 01 Jan 2026 00:05:00 GMT", 300)]
    [InlineData(500, "7", 7)]
    [InlineData(413, "60", 60)]
    [InlineData(429, "9999999", 86400)]
    [InlineData(429, "Fri, 01 Jan 2100 00:00:00 GMT", 86400)]
    [InlineData(429, "Thu, 01 Jan 2015 00:00:00 GMT", null)]
    [InlineData(429, "0", null)]
    [InlineData(429, "soon", null)]
    [InlineData(200, "60", null)]
    public async Task An_endpoint_may_say_how_long_it_wants_to_be_left_in_peace(int status, string header, int? seconds)
    {
        Receiver.Answer = http =>
        {
            http.Response.Headers.RetryAfter = header;
            return EventReceiver.Status(http, status);
        };
        var outcome = await New([]).SendAsync(EventSamples.Push, CancellationToken.None);
        // The clock is a millisecond after a whole second.
        Assert.Equal(seconds, outcome.RetryAfter is { } delay ? (int?)Math.Ceiling(delay.TotalSeconds) : null);
    }

    [Fact]
    public async Task A_redirect_is_followed_as_often_as_is_set_if_it_keeps_the_body_and_takes_no_credentials_elsewhere()
    {
        Receiver.Answer = http => Redirect(http, http.Request.Path.Value switch { "/events" => "/same", "/same" => "http://other.example/there", _ => null });
        string[] settings = ["Redirects=2", "Headers:0=X-Key: s3cret-header", "Secret=s3cret-key-of-hmac"];
        Assert.True((await New(settings).SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
        Assert.Equal(["POST /events?key=s3cret-query", "POST /same", "POST /there"], Receiver.Received.Select(r => $"{r.Method} {r.Target}"));
        Assert.Equal(["s3cret-header", "s3cret-header", null], Receiver.Received.Select(r => r.Headers.GetValueOrDefault("X-Key")));
        Assert.All(Receiver.Received, r => Assert.Contains("webhook-signature", r.Headers.Keys));
        Assert.All(Receiver.Received, r => Assert.Equal(Receiver.Received[0].Body, r.Body));

        var once = await New(["Redirects=1"]).SendAsync(EventSamples.Push, CancellationToken.None);
        Assert.True(once.IsRefused);
        AssertProblem(once, "The endpoint answered 307, a redirect that is not followed.");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    public async Task A_redirect_that_loses_the_body_is_never_followed(int status)
    {
        Receiver.Answer = http => Redirect(http, "/same", status);
        Assert.True((await New(["Redirects=5"]).SendAsync(EventSamples.Push, CancellationToken.None)).IsRefused);
        Assert.Single(Receiver.Received);
    }

    [Fact]
    public async Task A_redirect_leads_nowhere_where_the_registry_may_not_go()
    {
        Network.Name("evil.example", "10.0.0.1");
        Receiver.Answer = http => Redirect(http, "http://evil.example/s3cret-answer");
        AssertProblem(await New(["Redirects=1"]).SendAsync(EventSamples.Push, CancellationToken.None), "The registry does not connect to evil.example: ");
        Assert.Single(Receiver.Received);
    }

    [Fact]
    public async Task An_endpoint_that_hangs_does_not_work()
    {
        Receiver.Answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        var watch = Stopwatch.StartNew();
        var outcome = await New(["Timeout=00:00:00.5"]).SendAsync(EventSamples.Push, CancellationToken.None);
        AssertProblem(outcome, "The endpoint did not answer within 00:00:00.5000000.");
        Assert.False(outcome.IsRefused);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    [Fact]
    public async Task An_answer_whose_body_never_ends_holds_nobody_up()
    {
        Receiver.Answer = async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested) await http.Response.WriteAsync(new string('x', 100_000), http.RequestAborted);
        };
        var watch = Stopwatch.StartNew();
        Assert.True((await New([]).SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), watch.Elapsed.ToString());
    }

    [Fact]
    public async Task An_endpoint_that_nobody_answers_for_does_not_work()
    {
        Network.Dead.Add(IPAddress.Parse("93.184.216.34"));
        AssertProblem(await New([]).SendAsync(EventSamples.Push, CancellationToken.None), "The endpoint could not be reached (ConnectionRefused).");
        AssertProblem(await New(["Url=http://unknown.example/events"], "unknown.example").SendAsync(EventSamples.Push, CancellationToken.None), "The endpoint could not be reached (HostNotFound).");
        // The receiver speaks no TLS.
        AssertProblem(await New(["Url=https://other.example/events?key=s3cret-query"]).SendAsync(EventSamples.Push, CancellationToken.None), "The endpoint speaks no TLS that can be trusted");
    }

    [Theory]
    [InlineData("10.0.0.1", "other.example", "10.0.0.1 is not a public address")]
    [InlineData("169.254.169.254", "metadata.example", "169.254.169.254 is the address of no server")]
    public async Task An_endpoint_in_ones_own_network_must_be_allowed(string address, string allow, string reason)
    {
        Network.Name("metadata.example", address);
        var outcome = await New(["Url=https://metadata.example/events?key=s3cret-query", "Headers:0=X-Key: s3cret-header"], allow).SendAsync(EventSamples.Push, CancellationToken.None);
        AssertProblem(outcome, $"The registry does not connect to metadata.example: {reason}");
        Assert.False(outcome.IsRefused);
        Assert.Empty(Network.Connected);
    }

    [Fact]
    public async Task Who_is_told_to_stop_stops()
    {
        using var stop = new CancellationTokenSource();
        Receiver.Answer = async http =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => New([]).SendAsync(EventSamples.Push, stop.Token));
    }

    private static void AssertProblem(DeliveryOutcome outcome, string start)
    {
        Assert.StartsWith(start, outcome.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Problem!);
        Assert.All(s_secrets, s => Assert.DoesNotContain(s, outcome.Problem, StringComparison.Ordinal));
    }

    private static Task Redirect(HttpContext http, string? location, int status = StatusCodes.Status307TemporaryRedirect)
    {
        http.Response.Headers.Location = location;
        return EventReceiver.Status(http, location is null ? StatusCodes.Status200OK : status);
    }
}
