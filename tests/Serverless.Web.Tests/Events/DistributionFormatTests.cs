using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Web.Events;
using Xunit;
using static Serverless.Web.Tests.Events.GoldenText;

namespace Serverless.Web.Tests.Events;

public sealed class DistributionFormatTests
{
    private static readonly Uri s_url = new("https://registry.example/base/");

    [Fact]
    public void A_push_is_written_field_by_field_as_distribution_writes_it()
    {
        var message = new DistributionFormat(s_url).Write(EventSamples.Push);
        Assert.Equal("application/vnd.docker.distribution.events.v2+json", message.ContentType);
        Assert.Empty(message.Headers);
        Assert.Equal(
            Compact("""
                {"events":[{"id":"0197a6a0-7c00-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05.12Z","action":"push",
                "target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1234,"digest":"DIGEST","length":1234,"repository":"team/app",
                "url":"https://registry.example/base/v2/team/app/manifests/DIGEST","tag":"v1","references":[
                {"mediaType":"application/vnd.oci.image.config.v1+json","size":7,"digest":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
                {"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":9,"digest":"sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
                "urls":["https://elsewhere.example/c"],"annotations":{"k":"v"},"artifactType":"application/x"}]},
                "request":{"id":"r1","addr":"192.0.2.7:5000","host":"registry.example","method":"PUT","useragent":"docker/28 <\"x\">"},
                "actor":{"name":"alice"},"source":{"addr":"registry.example"}}]}
                """),
            Text(message));
    }

    // encoding/json leaves an empty string with omitempty out, and never a struct.
    [Fact]
    public void What_is_empty_is_left_out_or_written_as_Go_does() => Assert.Equal(
        Compact("""
            {"events":[{"id":"0197a6a0-7c00-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05Z","action":"delete","target":{"repository":"team/app"},
            "request":{"id":"","method":"","useragent":""},"actor":{},"source":{}}]}
            """),
        Text(new DistributionFormat(null).Write(EventSamples.RepositoryDeletion)));

    [Fact]
    public void A_mount_says_where_from_and_a_blob_has_an_address_of_its_own() => Assert.Contains(
        """
        "length":1234,"repository":"team/app","fromRepository":"team/base","url":"https://registry.example/base/v2/team/app/blobs/DIGEST"},
        """,
        Text(new DistributionFormat(s_url).Write(EventSamples.Mount)), StringComparison.Ordinal);

    [Fact]
    public void What_was_deleted_has_no_address() =>
        Assert.All([EventSamples.Deletion, EventSamples.TagDeletion, EventSamples.RepositoryDeletion], e => Assert.DoesNotContain("\"url\"", Text(new DistributionFormat(s_url).Write(e)), StringComparison.Ordinal));

    [Fact]
    public void Who_has_the_structs_of_distribution_reads_every_event()
    {
        foreach (var told in EventSamples.All)
        {
            var read = Assert.Single(JsonSerializer.Deserialize<Envelope>(new DistributionFormat(s_url).Write(told).Body)!.Events);
            Assert.Equal((told.Id, told.Time, told.Action.ToString().ToLowerInvariant()), (read.Id, read.Timestamp, read.Action));
            Assert.Equal((told.Repository.ToString(), told.Tag?.ToString(), told.Digest?.ToString()), (read.Target.Repository, read.Target.Tag, read.Target.Digest));
            Assert.Equal((told.Size ?? 0, told.Size ?? 0, told.MediaType), (read.Target.Size, read.Target.Length, read.Target.MediaType));
            Assert.Equal(told.References.Count, read.Target.References?.Count ?? 0);
            Assert.Equal((told.Origin.Actor, told.Origin.UserAgent ?? ""), (read.Actor.Name, read.Request.UserAgent));
        }
    }

    [Fact]
    public void Text_that_is_no_Unicode_breaks_no_event()
    {
        var odd = EventSamples.Push with { Origin = EventSamples.Push.Origin with { UserAgent = "a\ud800b\n\u0001" } };
        Assert.Equal("a\ufffdb\n\u0001", JsonSerializer.Deserialize<Envelope>(new DistributionFormat(null).Write(odd).Body)!.Events[0].Request.UserAgent);
    }

    // notifications/event.go and the Descriptor of distribution v3. A name that the structs do not have fails.
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Envelope([property: JsonPropertyName("events")] List<Event> Events);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Event
    {
        [JsonPropertyName("id")]
        public required string Id { get; init; }

        [JsonPropertyName("timestamp")]
        public required DateTimeOffset Timestamp { get; init; }

        [JsonPropertyName("action")]
        public required string Action { get; init; }

        [JsonPropertyName("target")]
        public required Target Target { get; init; }

        [JsonPropertyName("request")]
        public required Request Request { get; init; }

        [JsonPropertyName("actor")]
        public required Actor Actor { get; init; }

        [JsonPropertyName("source")]
        public required Source Source { get; init; }
    }

    private record Content
    {
        [JsonPropertyName("mediaType")]
        public string? MediaType { get; init; }

        [JsonPropertyName("size")]
        public long Size { get; init; }

        [JsonPropertyName("digest")]
        public string? Digest { get; init; }

        [JsonPropertyName("urls")]
        public List<string>? Urls { get; init; }

        [JsonPropertyName("annotations")]
        public Dictionary<string, string>? Annotations { get; init; }

        [JsonPropertyName("artifactType")]
        public string? ArtifactType { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Target : Content
    {
        [JsonPropertyName("length")]
        public long Length { get; init; }

        [JsonPropertyName("repository")]
        public string? Repository { get; init; }

        [JsonPropertyName("fromRepository")]
        public string? FromRepository { get; init; }

        [JsonPropertyName("url")]
        public string? Url { get; init; }

        [JsonPropertyName("tag")]
        public string? Tag { get; init; }

        [JsonPropertyName("references")]
        public List<Content>? References { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Request
    {
        [JsonPropertyName("id")]
        public required string Id { get; init; }

        [JsonPropertyName("addr")]
        public string? Addr { get; init; }

        [JsonPropertyName("host")]
        public string? Host { get; init; }

        [JsonPropertyName("method")]
        public required string Method { get; init; }

        [JsonPropertyName("useragent")]
        public required string UserAgent { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Actor([property: JsonPropertyName("name")] string? Name);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Source([property: JsonPropertyName("addr")] string? Addr, [property: JsonPropertyName("instanceID")] string? InstanceId);
}
