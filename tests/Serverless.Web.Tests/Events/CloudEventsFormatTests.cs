using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using Serverless.Web.Events;
using Xunit;
using static Serverless.Web.Tests.Events.GoldenText;

namespace Serverless.Web.Tests.Events;

public sealed class CloudEventsFormatTests
{
    private static readonly string s_data = Compact("""
        {"action":"push","target":{"mediaType":"application/octet-stream","size":1234,"digest":"DIGEST","length":1234,"repository":"team/app","url":"https://registry.example/v2/team/app/blobs/DIGEST"},
        "request":{"id":"r1","addr":"192.0.2.7:5000","host":"registry.example","method":"PUT","useragent":"docker/28 <\"x\">"},"actor":{"name":"alice"}}
        """);

    private static readonly Uri s_url = new("https://registry.example");

    [Fact]
    public void In_structured_mode_everything_is_in_the_body()
    {
        var message = New(isBinary: false).Write(EventSamples.Blob);
        Assert.Equal("application/cloudevents+json", message.ContentType);
        Assert.Empty(message.Headers);
        Assert.Equal(
            Compact("""
                {"specversion":"1.0","id":"0197a6a0-7c00-7000-8000-000000000001","source":"https://registry.example/","type":"io.serverless-registry.blob.push",
                "time":"2026-01-02T03:04:05.12Z","subject":"team/app@DIGEST","datacontenttype":"application/json","data":
                """) + s_data + "}",
            Text(message));
    }

    [Fact]
    public void In_binary_mode_the_attributes_are_in_headers()
    {
        var message = New(isBinary: true).Write(EventSamples.Blob);
        Assert.Equal("application/json", message.ContentType);
        Assert.Equal(s_data, Text(message));
        Assert.Equal(
            [
                "ce-specversion: 1.0", "ce-id: 0197a6a0-7c00-7000-8000-000000000001", "ce-source: https://registry.example/", "ce-type: io.serverless-registry.blob.push",
                "ce-time: 2026-01-02T03:04:05.12Z", "ce-subject: team/app@" + EventSamples.DigestText,
            ],
            message.Headers.Select(h => $"{h.Key}: {h.Value}"));
    }

    [Fact]
    public void The_type_says_what_the_event_is_about_and_the_action()
    {
        Assert.Equal(
            [
                "manifest.push team/app:v1", "manifest.push team/app@DIGEST", "manifest.delete team/app@DIGEST", "tag.delete team/app:v1", "repository.delete team/app",
                "blob.push team/app@DIGEST", "blob.mount team/app@DIGEST", "blob.pull team/app@DIGEST", "blob.delete team/app@DIGEST", "manifest.pull team/app:v1", "manifest.push charts/web:1.2.3_build5",
            ],
            EventSamples.All.Select(e => New(isBinary: false).Write(e)).Select(m => JsonDocument.Parse(Text(m)).RootElement)
                .Select(e => $"{e.GetProperty("type").GetString()!["io.serverless-registry.".Length..]} {e.GetProperty("subject").GetString()}"));
    }

    [Fact]
    public void Data_says_the_type_of_an_artifact_and_its_references()
    {
        var target = JsonDocument.Parse(New(isBinary: true).Write(EventSamples.Push).Body).RootElement.GetProperty("target");
        Assert.Equal("application/vnd.oci.image.config.v1+json", target.GetProperty("artifactType").GetString());
        Assert.Equal(2, target.GetProperty("references").GetArrayLength());
    }

    [Theory]
    [InlineData(null, null, "urn:serverless-registry")]
    [InlineData(null, "https://registry.example/base", "https://registry.example/base")]
    [InlineData("urn:mine", "https://registry.example", "urn:mine")]
    public void The_source_is_what_is_set_else_the_public_address(string? source, string? url, string expected)
    {
        var message = new CloudEventsFormat(source, url is null ? null : new Uri(url), isBinary: true).Write(EventSamples.Push);
        Assert.Equal(expected, message.Headers.Single(h => h.Key == "ce-source").Value);
    }

    [Theory]
    [InlineData("Euro \u20ac \U0001F600", "Euro%20%E2%82%AC%20%F0%9F%98%80")] // the example of the binding
    [InlineData("a\"b%c\n", "a%22b%25c%0A")]
    [InlineData("team/app:v1~", "team/app:v1~")]
    public void Values_in_headers_are_encoded_as_the_binding_has_it(string value, string expected) => Assert.Equal(expected, CloudEventsFormat.Encode(value));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_SDK_of_CloudEvents_reads_every_event(bool isBinary)
    {
        foreach (var told in EventSamples.All)
        {
            using var request = ToRequest(new CloudEventsFormat("https://registry.example/a b\u20ac", s_url, isBinary).Write(told));
            Assert.True(request.IsCloudEvent());
            var read = await request.ToCloudEventAsync(new JsonEventFormatter());
            Assert.Equal((told.Id, told.Time, CloudEventType.Of(told)), (read.Id, read.Time!.Value, read.Type));
            Assert.Equal("https://registry.example/a b\u20ac", read.Source!.OriginalString);
            Assert.Equal(MediaTypeNames.Application.Json, read.DataContentType);
            Assert.StartsWith(told.Repository.ToString(), read.Subject, StringComparison.Ordinal);
            var target = Assert.IsType<JsonElement>(read.Data).GetProperty("target");
            Assert.Equal(told.Repository.ToString(), target.GetProperty("repository").GetString());
            Assert.Equal(told.Digest?.ToString(), target.TryGetProperty("digest", out var digest) ? digest.GetString() : null);
            Assert.True(read.IsValid);
        }
    }

    private static CloudEventsFormat New(bool isBinary) => new(null, s_url, isBinary);

    private static HttpRequestMessage ToRequest(EventMessage message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "https://endpoint.example") { Content = new ByteArrayContent(message.Body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(message.ContentType);
        foreach (var (name, value) in message.Headers) request.Headers.Add(name, value);
        return request;
    }
}
