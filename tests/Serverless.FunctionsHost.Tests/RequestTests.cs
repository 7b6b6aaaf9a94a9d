using System.Net;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>What becomes of answers, and what ends a request before its time.</summary>
[Collection(FixtureCollection.Name)]
public sealed class RequestTests(PublishedFixture fixture, SharedHost shared) : IClassFixture<SharedHost>
{
    [Fact]
    public async Task Status_and_location_come_back_unchanged()
    {
        var host = shared.Host;
        using var answer = await host.SendAsync("GET", "/echo/a", null, ("X-Answer-Status", "307"), ("X-Answer-Location", "/v2/a?b=c%3Ad"));
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.Equal("/v2/a?b=c%3Ad", answer.Headers.Location?.OriginalString);
        using var head = await host.SendAsync("HEAD", "/echo/a", null, ("X-Answer-Status", "404"));
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_client_may_wait_for_leave_to_send_its_body()
    {
        using var answer = await shared.Host.SendAsync("PUT", "/count", new ByteArrayContent("with leave"u8.ToArray()), ("Expect", "100-continue"));
        Assert.Equal("10", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_function_that_throws_is_an_error_of_the_server()
    {
        var host = shared.Host;
        using var answer = await host.SendAsync("GET", "/fail");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        await host.WaitForAsync("Fail fails.");
    }

    [Fact]
    public async Task An_answer_streams()
    {
        var host = shared.Host;
        using var answer = await host.Client.GetAsync(new Uri("/drip", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var first = new byte["first, ".Length];
        await body.ReadExactlyAsync(first);
        Assert.Equal("first, "u8.ToArray(), first);
        using var released = await host.SendAsync("POST", "/release");
        Assert.Equal(HttpStatusCode.NoContent, released.StatusCode);
        using var rest = new StreamReader(body);
        Assert.Equal("last", await rest.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_goes_aborts_the_request_in_the_worker()
    {
        var host = shared.Host;
        using var gone = new CancellationTokenSource();
        var hanging = host.Client.GetAsync(new Uri("/hang", UriKind.Relative), gone.Token);
        await host.WaitForAsync("Hang: begun");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        await host.WaitForAsync("Hang: request aborted");
    }

    [Fact]
    public async Task A_function_that_is_out_of_time_is_cancelled_and_its_worker_lives()
    {
        await using var host = await FixtureHost.StartAsync(fixture, ("AzureFunctionsJobHost__functionTimeout", "00:00:02"));
        var worker = host.Host.WorkerId;
        using var answer = await host.SendAsync("GET", "/hang");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        await host.WaitForAsync("Hang: invocation cancelled");
        using var next = await host.SendAsync("GET", "/echo/a");
        Assert.Equal((HttpStatusCode.OK, worker), (next.StatusCode, host.Host.WorkerId));
    }

    [Fact]
    public async Task An_answer_that_does_not_begin_in_time_is_ended_in_front_of_the_host()
    {
        await using var host = await FixtureHost.StartAsync(fixture.Folder, [], o => o with { ResponseTimeout = TimeSpan.FromSeconds(2) });
        using var answer = await host.SendAsync("GET", "/hang");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task An_answer_in_which_nothing_moves_is_broken_off()
    {
        await using var host = await FixtureHost.StartAsync(fixture.Folder, [], o => o with { ActivityTimeout = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<HttpRequestException>(() => host.Client.GetStringAsync(new Uri("/drip", UriKind.Relative)));
    }
}
