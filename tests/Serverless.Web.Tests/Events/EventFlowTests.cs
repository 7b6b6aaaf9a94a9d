using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Events;
using Serverless.Web.Maintenance;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Events;

/// <summary>From a request of a client to the request that tells of it.</summary>
public sealed class EventFlowTests(InMemoryStorage storage) : IClassFixture<InMemoryStorage>, IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly ManualTimeProvider _time = new(startNow: true);
    private EventReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await EventReceiver.StartAsync();

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task What_a_client_does_is_told_of_with_who_it_was_and_by_which_request()
    {
        await using var registry = await StartAsync(sends: true, "PublicUrl=https://registry.example", "Events:ci:Pulls=true");
        var image = await PushAsync(registry, "v1");
        await registry.SendAsync("GET", $"/v2/app/blobs/{image.Content.Blobs[0].Digest}");
        await registry.SendAsync("GET", "/v2/app/manifests/v1");
        await registry.SendAsync("POST", $"/v2/other/blobs/uploads/?mount={image.Content.Blobs[0].Digest}&from=app");
        await registry.SendAsync("DELETE", "/v2/app/manifests/v1", headers: [("X-Request-Id", "my-request"), ("User-Agent", "tool/1.0")]);
        await registry.SendAsync("DELETE", $"/v2/app/blobs/{image.Content.Blobs[1].Digest}");
        await WaitForAsync(() => Told().Count == 3 + 1 + 2 + 1 + 1 + 1);
        string[] expected =
        [
            .. image.References.Select(r => $"push app {r.Digest}"), $"push app:v1 {image.Digest}", $"pull app {image.Content.Blobs[0].Digest}", $"pull app:v1 {image.Digest}",
            $"mount other {image.Content.Blobs[0].Digest} from app", $"delete app:v1 {image.Digest}", $"delete app {image.Content.Blobs[1].Digest}",
        ];
        Assert.Equal(expected.Order(), Told().Select(Words).Order());
        var deleted = Told().Single(e => Words(e) == $"delete app:v1 {image.Digest}");
        var request = deleted.GetProperty("request");
        Assert.Equal(("my-request", "DELETE", "tool/1.0"), (request.GetProperty("id").GetString(), request.GetProperty("method").GetString(), request.GetProperty("useragent").GetString()));
        Assert.Equal("127.0.0.1", request.GetProperty("addr").GetString());
        Assert.Equal($"https://registry.example/v2/app/manifests/{image.Digest}", Told().Single(e => Words(e) == $"push app:v1 {image.Digest}").GetProperty("target").GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_push_costs_one_call_more_in_ten_minutes_and_no_more_when_it_is_repeated()
    {
        await using var without = await StartAsync(sends: false, endpoints: false);
        await using var with = await StartAsync(sends: false);
        var expected = await CountAsync(without);
        var counted = await CountAsync(with);
        // Of the first push: a row for the repository, and one for each of three blobs.
        var announce = CountedCalls.Of("eventAnnounce").Table;
        Assert.Equal((expected.First.Table + (4 * announce), expected.First.Object), counted.First);
        Assert.Equal(expected.Again, counted.Again);
        Assert.Equal(expected.Pull, counted.Pull);
    }

    [Fact]
    public async Task A_delivery_costs_five_calls_however_many_events_there_are()
    {
        await using var registry = await StartAsync(sends: false, "Events:ci:Blobs=false");
        var image = await PushAsync(registry, "v1");
        for (var i = 0; i < 50; i++) await ExpectAsync(registry.PutManifestAsync("app", $"t{i}", image), HttpStatusCode.Created);
        registry.Probe.Reset();
        Assert.Null(await registry.Services.GetRequiredService<EventDelivery>().DeliverAsync(EventPlace.Of(RepositoryName.Parse("app")), default));
        Assert.True(CountedCalls.Of("eventDelivery") == registry.Probe.Counts, $"Counted {registry.Probe.Counts}: {string.Join("; ", registry.Probe.Calls)}");
        Assert.Equal(51, Told().Count);
    }

    [Fact]
    public async Task Pushes_do_not_mind_an_endpoint_that_hangs_and_health_tells_of_it()
    {
        var hang = new TaskCompletionSource();
        _receiver.Answer = _ => hang.Task;
        await using var registry = await StartAsync(sends: true, "Events:ci:Timeout=00:00:00.2", "Events:ci:Blobs=false", "Events:ci:Backoff=00:00:10", "Health:EventsOverdue=00:30:00");
        for (var i = 0; i < 20; i++) await PushAsync(registry, $"t{i}");
        await WaitForAsync(() => _receiver.Received.Count > 0);
        await WaitForHealthAsync(registry, "healthy", HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromHours(1));
        await WaitForHealthAsync(registry, "overdue", HttpStatusCode.OK);
        hang.SetResult();
        _receiver.Answer = http => EventReceiver.Status(http, StatusCodes.Status200OK);
        _time.Advance(TimeSpan.FromHours(1));
        await WaitForAsync(() => Told().Select(e => e.GetProperty("id").GetString()).Distinct().Count() == 20);
    }

    [Fact]
    public async Task What_the_sender_has_missed_the_task_delivers()
    {
        await using var registry = await StartAsync(sends: false);
        await PushAsync(registry, "v1");
        _time.Advance(TimeSpan.FromMinutes(6));
        var run = await registry.Services.GetRequiredService<MaintenanceRunner>().RunTaskAsync(MaintenanceSettings.DeliverEvents, default);
        Assert.Contains("places looked at: 4;", Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Equal(4, Told().Count);
    }

    [Fact]
    public async Task A_pull_that_cannot_be_written_down_is_served()
    {
        await using var registry = await StartAsync(sends: true, "Events:ci:Pulls=true", "ReadOnly=true");
        await ExpectAsync(registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.NotFound);
        Assert.Empty(Told());
    }

    private Task<RegistryServer> StartAsync(bool sends, params string[] settings) => StartAsync(sends, endpoints: true, settings);

    private Task<RegistryServer> StartAsync(bool sends, bool endpoints, params string[] settings) => RegistryServer.StartChangedAsync(
        storage.NewStores(_time),
        _time,
        services =>
        {
            // Calls are counted without those of the background.
            if (!sends) services.Remove(services.Single(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType == typeof(EventSender)));
        },
        null,
        endpoints ? [$"Events:ci:Url={_receiver.Address}/events", "Outbound:Allow:0=127.0.0.1", .. settings] : settings);

    private static async Task<Manifest> PushAsync(RegistryServer registry, string tag)
    {
        var image = await registry.PrepareImageAsync("app");
        await ExpectAsync(registry.PutManifestAsync("app", tag, image), HttpStatusCode.Created);
        return image;
    }

    private static async Task<((int Table, int Object) First, (int Table, int Object) Again, (int Table, int Object) Pull)> CountAsync(RegistryServer registry)
    {
        await registry.StartUploadAsync("app");
        registry.Probe.Reset();
        var image = await PushAsync(registry, "v1");
        var first = registry.Probe.Counts;
        registry.Probe.Reset();
        await ExpectAsync(registry.PutManifestAsync("app", "v2", image), HttpStatusCode.Created);
        var again = registry.Probe.Counts;
        registry.Probe.Reset();
        await ExpectAsync(registry.SendAsync("GET", "/v2/app/manifests/v2"), HttpStatusCode.OK);
        return (first, again, registry.Probe.Counts);
    }

    private IReadOnlyList<JsonElement> Told() => [.. _receiver.Received.SelectMany(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("events").EnumerateArray())];

    private static string Words(JsonElement told)
    {
        var target = told.GetProperty("target");
        return $"{told.GetProperty("action")} {target.GetProperty("repository")}{(target.TryGetProperty("tag", out var tag) ? $":{tag}" : "")} {target.GetProperty("digest")}"
            + (target.TryGetProperty("fromRepository", out var from) ? $" from {from}" : "");
    }

    private async Task WaitForHealthAsync(RegistryServer registry, string status, HttpStatusCode code)
    {
        var last = "";
        await WaitForAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(11));
            using var answer = registry.SendAsync("GET", "/healthz").GetAwaiter().GetResult();
            using var json = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
            last = json.RootElement.ToString();
            return answer.StatusCode == code && json.RootElement.GetProperty("events").GetProperty("status").GetString() == status;
        }, () => last);
    }

    private static async Task<HttpResponseMessage> ExpectAsync(Task<HttpResponseMessage> answer, HttpStatusCode status)
    {
        var response = await answer;
        Assert.Equal(status, response.StatusCode);
        return response;
    }

    private static async Task WaitForAsync(Func<bool> isSo, Func<string>? told = null)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < s_patience, $"It does not come to that. {told?.Invoke()}");
            await Task.Delay(20);
        }
    }
}
