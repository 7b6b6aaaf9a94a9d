using Microsoft.Extensions.Configuration;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Settings;

/// <summary>Who is told of what happens, as it is set.</summary>
public sealed class EventSettingsTests
{
    private const string Url = "Events:ci:Url=https://hooks.example/events";
    private const string Secret = "s3cret";

    [Fact]
    public void Without_settings_nobody_is_told()
    {
        Assert.Empty(Read([]).Endpoints);
        Assert.Empty(EventSettings.None.Subscriptions);
    }

    [Fact]
    public void An_address_is_enough()
    {
        var endpoint = Assert.Single(Read([Url]).Endpoints);
        Assert.Equal("https://hooks.example/events", endpoint.Url.AbsoluteUri);
        Assert.Equal((EventFormat.Distribution, TimeSpan.FromSeconds(10), 0), (endpoint.Format, endpoint.Timeout, endpoint.Redirects));
        Assert.Equal((null, null, null), (endpoint.Secret, endpoint.ClientId, endpoint.Source));
        Assert.Empty(endpoint.Headers);
        Assert.Equal(new EndpointOptions(), endpoint.Options);
        Assert.Equal(("ci", true), (endpoint.Subscription.Name, endpoint.Subscription.Blobs));
        Assert.Equal([EventAction.Push, EventAction.Mount, EventAction.Delete, EventAction.Quota], endpoint.Subscription.Actions);
        Assert.Empty(endpoint.Subscription.Repositories);
        Assert.Empty(endpoint.Subscription.IgnoredMediaTypes);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var endpoint = Assert.Single(Read([
            "Events:CI-1:Url=https://hooks.example/events?key=1", "Events:CI-1:Disabled=false", "Events:CI-1:Format=cloudeventsbinary", "Events:CI-1:Headers:0=Authorization: Bearer x", "Events:CI-1:Headers:1=X-Key: y",
            "Events:CI-1:Secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "Events:CI-1:Timeout=00:01:40", "Events:CI-1:Threshold=100", "Events:CI-1:Backoff=00:00:02", "Events:CI-1:MaxBackoff=00:00:02",
            "Events:CI-1:MaxAge=1.00:00:00", "Events:CI-1:Ordered=true", "Events:CI-1:Pulls=true", "Events:CI-1:Blobs=false", "Events:CI-1:IncludeReferences=true", "Events:CI-1:Ignore:MediaTypes:0=application/vnd.oci.image.layer.v1.tar+gzip",
            "Events:CI-1:Ignore:Actions:0=Mount", "Events:CI-1:Ignore:Actions:1=delete", "Events:CI-1:Repositories:0=team/*", "Events:CI-1:Repositories:1=app-?", "Events:CI-1:Redirects=5", "Events:CI-1:Source=urn:mine",
        ]).Endpoints);
        Assert.Equal(("ci-1", false), (endpoint.Subscription.Name, endpoint.Subscription.Blobs));
        Assert.Equal([EventAction.Push, EventAction.Pull, EventAction.Quota], endpoint.Subscription.Actions);
        Assert.Equal(["application/vnd.oci.image.layer.v1.tar+gzip"], endpoint.Subscription.IgnoredMediaTypes);
        Assert.Equal(["team/*", "app-?"], endpoint.Subscription.Repositories);
        Assert.Equal(new EndpointOptions { Ordered = true, IncludeReferences = true, Threshold = 100, Backoff = TimeSpan.FromSeconds(2), MaxBackoff = TimeSpan.FromSeconds(2), MaxAge = TimeSpan.FromDays(1) }, endpoint.Options);
        Assert.Equal((EventFormat.CloudEventsBinary, TimeSpan.FromSeconds(100), 5, "urn:mine"), (endpoint.Format, endpoint.Timeout, endpoint.Redirects, endpoint.Source));
        Assert.Equal(("?key=1", "Bearer x", "y", 24), (endpoint.Url.Query, endpoint.Headers["authorization"], endpoint.Headers["X-Key"], endpoint.Secret!.Value.Length));
        Assert.Equal(new Uri("https://registry.example/base"), endpoint.PublicUrl);
    }

    [Fact]
    public void An_endpoint_for_Event_Grid_is_told_only_what_ACR_tells()
    {
        var endpoint = Assert.Single(Read([Url, "Events:ci:Format=EventGrid", "Events:ci:Blobs=true", "Events:ci:IncludeReferences=true", "Events:ci:ClientId=2c9f0d3a-0000-0000-0000-000000000000"]).Endpoints);
        Assert.Equal([EventAction.Push, EventAction.Delete], endpoint.Subscription.Actions);
        Assert.False(endpoint.Subscription.Blobs);
        Assert.False(endpoint.Options.IncludeReferences);
        Assert.Equal("2c9f0d3a-0000-0000-0000-000000000000", endpoint.ClientId);
    }

    [Fact]
    public void One_that_is_disabled_is_left_out_and_its_keys_are_known()
    {
        var reader = Reader([Url, "Events:off:Url=https://off.example", "Events:off:Disabled=true", "Events:off:Headers:0=X-Key: y", "Events:off:Ignore:Actions:0=push"]);
        Assert.Equal("ci", Assert.Single(EventSettings.Read(reader, null, OutboundSettings.None).Subscriptions).Name);
        Assert.Empty(reader.Problems);
        Assert.Empty(reader.Unknown());
    }

    [Fact]
    public void Eight_endpoints_are_enough()
    {
        string[] eight = [.. Enumerable.Range(0, 8).Select(i => $"Events:e{i}:Url=https://hooks.example")];
        Assert.Equal(8, Read(eight).Endpoints.Count);
        Assert.Equal(8, Read([.. eight, "Events:off:Url=https://hooks.example", "Events:off:Disabled=true"]).Endpoints.Count);
        Assert.Equal(["Registry:Events must have at most 8 endpoints that are not disabled."], Problems([.. eight, Url]));
    }

    [Theory]
    [InlineData("Events:ci:Disabled=false", "Url must be set.")]
    [InlineData("Events:ci:Url=s3cret", "Url must be an absolute https URL")]
    [InlineData("Events:ci:Url=/s3cret", "Url must be an absolute https URL")]
    [InlineData("Events:ci:Url=ftp://hooks.example/s3cret", "Url must be an absolute https URL")]
    [InlineData("Events:ci:Url=https://s3cret:x@hooks.example", "Url must be an absolute https URL")]
    [InlineData("Events:ci:Url=https://hooks.example/#s3cret", "Url must be an absolute https URL")]
    [InlineData("Events:ci:Url=http://hooks.example/s3cret", "Url must be an https URL, or Registry:Outbound:Allow must name its host.")]
    public void An_endpoint_must_have_an_address_that_can_be_asked(string setting, string expected) => AssertProblem([setting], expected);

    [Theory]
    [InlineData("http://hooks.corp/events")]
    [InlineData("http://HOOKS.corp:8080/events?x=y")]
    [InlineData("https://10.0.0.1/events")]
    public void A_host_of_ones_own_may_be_asked_over_http(string url) =>
        Assert.Single(Read([$"Events:ci:Url={url}", "Outbound:Allow:0=hooks.corp", "Outbound:Allow:1=10.0.0.1"]).Endpoints);

    [Theory]
    [InlineData("Disabled", "s3cret", "must be true or false.")]
    [InlineData("Format", "s3cret", "must be one of Distribution, CloudEvents, CloudEventsBinary, EventGrid.")]
    [InlineData("Headers:0", "X-Key: s3cr\u00e9t s3cret", "must be of printable ASCII characters")]
    [InlineData("Headers:0", "X-Key: a\r\nX-Other: s3cret", "must be of printable ASCII characters")]
    [InlineData("Headers:0", "X-Key", "must be the name of an HTTP header, a colon and its value.")]
    [InlineData("Headers:0", "X-Key: ", "must be the name of an HTTP header, a colon and its value.")]
    [InlineData("Headers:0", "X Key: s3cret", "must be named with what the names of HTTP headers are made of")]
    [InlineData("Headers:0", "X-Kéy: s3cret", "must be named with what the names of HTTP headers are made of")]
    [InlineData("Headers:0", "content-type: s3cret", "must be left out: the registry sets this header itself.")]
    [InlineData("Headers:0", "Content-Length: 0", "must be left out")]
    [InlineData("Headers:0", "host: s3cret", "must be left out")]
    [InlineData("Headers:0", "Transfer-Encoding: chunked", "must be left out")]
    [InlineData("Headers:0", "Connection: close", "must be left out")]
    [InlineData("Headers:0", "User-Agent: s3cret", "must be left out")]
    [InlineData("Headers:0", "Webhook-Signature: s3cret", "must be left out")]
    [InlineData("Headers:0", "ce-id: s3cret", "must be left out")]
    [InlineData("Headers:0", "Expires: 0", "must be left out")]
    [InlineData("Secret", "s3cret", "must have at least 16 bytes.")]
    [InlineData("Secret", "whsec_", "must have at least 16 bytes.")]
    [InlineData("Secret", "whsec_czNjcmV0", "must have at least 16 bytes.")]
    [InlineData("Secret", "whsec_s3cret, which is no base64", "must have base64 after whsec_.")]
    [InlineData("Timeout", "10", "must be a duration")]
    [InlineData("Timeout", "00:01:41", "must be at most 00:01:40.")]
    [InlineData("Threshold", "0", "must be a whole number from 1 to 100.")]
    [InlineData("Threshold", "101", "must be a whole number from 1 to 100.")]
    [InlineData("Backoff", "s3cret", "must be a duration")]
    [InlineData("Backoff", "00:10:01", "must be at most Registry:Events:ci:MaxBackoff.")]
    [InlineData("MaxBackoff", "00:00:00", "must be a duration")]
    [InlineData("MaxAge", "7", "must be a duration")]
    [InlineData("Ordered", "s3cret", "must be true or false.")]
    [InlineData("Pulls", "s3cret", "must be true or false.")]
    [InlineData("Blobs", "s3cret", "must be true or false.")]
    [InlineData("IncludeReferences", "s3cret", "must be true or false.")]
    [InlineData("Ignore:MediaTypes:0", "s3cret", "must be a media type")]
    [InlineData("Ignore:MediaTypes:0", "application/*", "must be a media type")]
    [InlineData("Ignore:MediaTypes:0", "application/json; charset=utf-8", "must be a media type")]
    [InlineData("Ignore:Actions:0", "s3cret", "must be push, pull, mount, delete or quota.")]
    [InlineData("Ignore:Actions:0", "3", "must be push, pull, mount, delete or quota.")]
    [InlineData("Ignore:Actions:0", "push,delete", "must be push, pull, mount, delete or quota.")]
    [InlineData("Repositories:0", "Team/S3cret", "must be the name of a repository")]
    [InlineData("Repositories:0", "team\\*", "must be the name of a repository")]
    [InlineData("Redirects", "6", "must be a whole number from 0 to 5.")]
    [InlineData("ClientId", "s3cret", "is only for the format EventGrid.")]
    [InlineData("Source", "not a uri s3cret", "must be a URI")]
    public void What_is_wrong_is_named_and_never_repeated(string key, string value, string expected) => AssertProblem([Url, $"Events:ci:{key}={value}"], $"{key} {expected}");

    [Fact]
    public void Something_must_be_left_to_tell_of()
    {
        AssertProblem([Url, "Events:ci:Ignore:Actions:0=push", "Events:ci:Ignore:Actions:1=mount", "Events:ci:Ignore:Actions:2=delete", "Events:ci:Ignore:Actions:3=quota"], "Ignore must leave something to tell of.");
        Assert.Single(Read([Url, "Events:ci:Pulls=true", "Events:ci:Ignore:Actions:0=push", "Events:ci:Ignore:Actions:1=mount", "Events:ci:Ignore:Actions:2=delete", "Events:ci:Ignore:Actions:3=quota"]).Endpoints);
    }

    [Fact]
    public void Event_Grid_knows_no_pulls() => AssertProblem([Url, "Events:ci:Format=EventGrid", "Events:ci:Pulls=true"], "Pulls must be false for the format EventGrid");

    [Theory]
    [InlineData("a_b")]
    [InlineData("a.b")]
    [InlineData("\u00e9")]
    [InlineData("a23456789012345678901234567890123")]
    public void The_name_of_an_endpoint_is_part_of_keys(string name) =>
        Assert.Equal([$"Registry:Events:{name} must be named with 1 to 32 letters, digits and hyphens."], Problems([$"Events:{name}:Url=https://hooks.example"]));

    [Fact]
    public void What_an_endpoint_is_printed_as_has_no_secrets()
    {
        var endpoint = Read(["Events:ci:Url=https://hooks.example/?key=s3cret", "Events:ci:Headers:0=X-Key: s3cret"]).Endpoints.Single();
        Assert.Equal("ci", endpoint.ToString());
    }

    private static void AssertProblem(string[] settings, string expected)
    {
        var problem = Assert.Single(Problems(settings));
        Assert.StartsWith("Registry:Events:ci:" + expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem, StringComparison.OrdinalIgnoreCase);
    }

    private static IReadOnlyList<string> Problems(string[] settings)
    {
        var reader = Reader(settings);
        EventSettings.Read(reader, null, OutboundSettings.Read(reader));
        return reader.Problems;
    }

    private static EventSettings Read(string[] settings)
    {
        var reader = Reader(settings);
        var events = EventSettings.Read(reader, new Uri("https://registry.example/base"), OutboundSettings.Read(reader));
        Assert.Empty(reader.Problems);
        Assert.Empty(reader.Unknown());
        return events;
    }

    private static SettingsReader Reader(string[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => s.Split('=', 2)).Select(p => KeyValuePair.Create("Registry:" + p[0], (string?)p[1]))).Build());
}
