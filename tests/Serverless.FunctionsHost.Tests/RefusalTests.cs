using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The emulation is strict: what the host would not run, or only by luck, it refuses.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly AppFolder _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public Task A_worker_that_ends_at_once() => AssertRefusedAsync("ended before it answered");

    [Fact]
    public Task A_worker_that_may_not_be_executed()
    {
        _app.Forbid("worker");
        return AssertRefusedAsync("may not be executed");
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v2/")]
    [InlineData("V2")]
    public Task Two_functions_of_one_route(string route)
    {
        _app.AddHttp("Other", route);
        return AssertRefusedAsync("the same route");
    }

    [Theory]
    [InlineData("admin/keys")]
    [InlineData("Runtime/{*path}")]
    public Task A_route_that_is_the_hosts_own(string route)
    {
        _app.AddHttp("Other", route);
        return AssertRefusedAsync("the host's own");
    }

    [Theory]
    [InlineData("a/{x:regexx(a)}")]
    [InlineData("a/{x")]
    [InlineData("{*x}/a")]
    public Task A_route_that_cannot_be_read(string route)
    {
        _app.AddHttp("Other", route);
        return AssertRefusedAsync("Other");
    }

    [Fact]
    public Task A_function_without_methods()
    {
        _app.AddHttp("Other", "other", methods: "");
        return AssertRefusedAsync("methods must be listed");
    }

    [Fact]
    public Task A_function_that_asks_for_a_key()
    {
        _app.AddHttp("Other", "other", level: "function");
        return AssertRefusedAsync("not anonymous");
    }

    [Fact]
    public Task A_function_without_an_output_which_would_not_be_proxied()
    {
        _app.AddHttp("Other", "other", output: "");
        return AssertRefusedAsync("proxied");
    }

    [Theory]
    [InlineData("%Schedule%", "does not resolve")]
    [InlineData("0 7 * * *", "six fields")]
    [InlineData("0 0 25 * * *", "six fields")]
    public Task A_timer_without_a_schedule(string schedule, string expected)
    {
        _app.AddTimer("Collect", schedule);
        return AssertRefusedAsync(expected);
    }

    [Theory]
    [InlineData("{}", "2.0")]
    [InlineData("{", "cannot be read")]
    [InlineData("""{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"worker"},"enableForwardingHttpRequest":true}}""", "streams bodies")]
    [InlineData("""{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"worker"},"enableProxyingHttpRequest":true,"http":{"routes":[]}}}""", "excludes")]
    [InlineData("""{"version":"2.0","functionTimeout":"soon","customHandler":{"description":{"defaultExecutablePath":"worker"},"enableProxyingHttpRequest":true}}""", "functionTimeout")]
    [InlineData("""{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"nobody"},"enableProxyingHttpRequest":true}}""", "There is no")]
    public Task A_host_file_that_it_cannot_go_by(string content, string expected)
    {
        _app.Write("host.json", content);
        return AssertRefusedAsync(expected);
    }

    private async Task AssertRefusedAsync(string expected) =>
        Assert.Contains(expected, (await Assert.ThrowsAsync<HostRefusesException>(() => _app.StartAsync())).Message, StringComparison.Ordinal);
}
