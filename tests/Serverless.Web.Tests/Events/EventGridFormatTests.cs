using System.Text.Json;
using Serverless.Registry.Events;
using Serverless.Web.Events;
using Xunit;
using static Serverless.Web.Tests.Events.GoldenText;

namespace Serverless.Web.Tests.Events;

/// <summary>The examples of learn.microsoft.com/azure/event-grid/event-schema-container-registry, with our values.</summary>
public sealed class EventGridFormatTests
{
    private static readonly Uri s_url = new("https://registry.example");

    [Fact]
    public void A_pushed_image_is_an_ImagePushed()
    {
        var message = new EventGridFormat(null, null).Write(EventSamples.Push)!;
        Assert.Equal("application/json", message.ContentType);
        Assert.Equal(
            Compact("""
                [{"id":"0197a6a0-7c00-7000-8000-000000000001","subject":"team/app:v1","eventType":"Microsoft.ContainerRegistry.ImagePushed","eventTime":"2026-01-02T03:04:05.12Z",
                "data":{"id":"0197a6a0-7c00-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05.12Z","action":"push",
                "target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1234,"digest":"DIGEST","length":1234,"repository":"team/app","tag":"v1"},
                "request":{"id":"r1","addr":"192.0.2.7:5000","host":"registry.example","method":"PUT","useragent":"docker/28 <\"x\">"},"actor":{"name":"alice"}},
                "dataVersion":"1.0","metadataVersion":"1"}]
                """),
            Text(message));
    }

    [Fact]
    public void A_deleted_image_is_an_ImageDeleted() => Assert.Equal(
        Compact("""
            [{"id":"0197a6a0-7c00-7000-8000-000000000001","subject":"team/app","eventType":"Microsoft.ContainerRegistry.ImageDeleted","eventTime":"2026-01-02T03:04:05Z",
            "data":{"id":"0197a6a0-7c00-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05Z","action":"delete",
            "target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"DIGEST","repository":"team/app"},"request":{"id":"","method":"","useragent":""}},
            "dataVersion":"1.0","metadataVersion":"1"}]
            """),
        Text(new EventGridFormat(null, s_url).Write(EventSamples.Deletion)!));

    [Fact]
    public void A_pushed_chart_is_a_ChartPushed_with_its_name_and_version() => Assert.Equal(
        Compact("""
            [{"id":"0197a6a0-7c00-7000-8000-000000000001","subject":"web:1.2.3+build5","eventType":"Microsoft.ContainerRegistry.ChartPushed","eventTime":"2026-01-02T03:04:05.12Z",
            "data":{"id":"0197a6a0-7c00-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05.12Z","action":"chart_push",
            "target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1234,"digest":"DIGEST","repository":"charts/web","tag":"1.2.3_build5","name":"web","version":"1.2.3+build5"}},
            "dataVersion":"1.0","metadataVersion":"1"}]
            """),
        Text(new EventGridFormat(null, s_url).Write(EventSamples.Chart)!));

    [Fact]
    public void A_deleted_chart_is_a_ChartDeleted()
    {
        var told = JsonDocument.Parse(new EventGridFormat(null, s_url).Write(EventSamples.Chart with { Action = EventAction.Delete, Tag = null })!.Body).RootElement[0];
        Assert.Equal(("Microsoft.ContainerRegistry.ChartDeleted", "web"), (told.GetProperty("eventType").GetString(), told.GetProperty("subject").GetString()));
        Assert.Equal("chart_delete", told.GetProperty("data").GetProperty("action").GetString());
        Assert.False(told.GetProperty("data").GetProperty("target").TryGetProperty("version", out _));
    }

    [Fact]
    public void A_topic_is_named_where_it_is_set_and_an_address_where_one_is_known()
    {
        var told = JsonDocument.Parse(new EventGridFormat("/subscriptions/s/topics/t", s_url).Write(EventSamples.Push)!.Body).RootElement[0];
        Assert.Equal("/subscriptions/s/topics/t", told.GetProperty("topic").GetString());
        Assert.Equal($"https://registry.example/v2/team/app/manifests/{EventSamples.DigestText}", told.GetProperty("data").GetProperty("target").GetProperty("url").GetString());
        Assert.False(told.GetProperty("data").GetProperty("target").TryGetProperty("references", out _));
    }

    [Fact]
    public void What_ACR_has_no_event_for_is_not_written()
    {
        var written = EventSamples.All.Where(e => new EventGridFormat(null, null).Write(e) is not null);
        Assert.Equal([EventSamples.Push, EventSamples.Push with { Tag = null }, EventSamples.Deletion, EventSamples.Chart], written);
    }
}
