using System.Text.Json;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry events test</c>, with a server that is really asked.</summary>
public sealed class EventEndpointTests : CliTest
{
    private const string Secret = "whsec_c2VjcmV0LW9mLXNpZ25hdHVyZXM=";

    private HookReceiver _receiver = null!;

    public override async Task InitializeAsync()
    {
        _receiver = await HookReceiver.StartAsync();
        Environment["Registry:Outbound:Allow:0"] = "127.0.0.1";
        Environment["Registry:Events:CI:Url"] = _receiver.Address + "/hidden-path?key=hidden-query";
        Environment["Registry:Events:CI:Secret"] = Secret;
        Environment["Registry:Events:CI:Headers:0"] = "Authorization: Bearer hidden-token";
    }

    public override async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task An_endpoint_is_sent_a_push_with_all_that_its_settings_say()
    {
        Environment["Registry:Events:CI:Format"] = "CloudEvents";
        Environment["Registry:Events:CI:IncludeReferences"] = "true";
        var run = await RunAsync("events", "test", "Ci");
        var (headers, target, body) = _receiver.Last!.Value;
        using var json = JsonDocument.Parse(body);
        var (id, data) = (json.RootElement.GetProperty("id").GetString()!, json.RootElement.GetProperty("data"));
        Assert.Equal(new CliRun(ExitCode.Done, "", $"ci took the event {id} (push registry-test/events:test), sent to {_receiver.Address}: it answered with success.\n"), run);
        Assert.Equal(("/hidden-path?key=hidden-query", "Bearer hidden-token", id), (target, headers.Authorization.ToString(), headers["webhook-id"].ToString()));
        Assert.StartsWith("v1,", headers["webhook-signature"].ToString(), StringComparison.Ordinal);
        Assert.Equal(("push", "registry-test/events"), (data.GetProperty("action").GetString(), data.GetProperty("target").GetProperty("repository").GetString()));
        Assert.Equal(1, data.GetProperty("target").GetProperty("references").GetArrayLength());
        Assert.Equal("", (await RunAsync("events", "list")).Out);
        await RunAsync("events", "test", "ci");
        Assert.NotEqual(id, _receiver.Last!.Value.Headers["webhook-id"].ToString());
    }

    [Fact]
    public async Task An_endpoint_that_does_not_take_it_is_told_of()
    {
        _receiver.Status = 503;
        var run = await RunAsync("events", "test", "ci");
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.StartsWith("ci did not take the event ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith($"sent to {_receiver.Address}. The endpoint answered 503. It wants to be left in peace for 00:00:30.\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guard_of_the_registry_holds_for_the_tool_too()
    {
        Environment.Remove("Registry:Outbound:Allow:0");
        Environment["Registry:Events:CI:Url"] = _receiver.Address.Replace("http:", "https:", StringComparison.Ordinal);
        var run = await RunAsync("events", "test", "ci");
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.EndsWith("The registry does not connect to 127.0.0.1: 127.0.0.1 is not a public address, and Registry:Outbound:Allow does not name the host.\n", run.Error, StringComparison.Ordinal);
        Assert.Null(_receiver.Last);
    }
}
