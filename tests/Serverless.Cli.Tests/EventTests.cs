using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class EventTests : CliTest
{
    private readonly FailingEndpoint _endpoint = new();

    public EventTests() => (Environment["Registry:Events:CI:Url"], Environment["Registry:Events:CI:Blobs"]) = ("https://hooks.example/events", "false");

    private ContainerRegistry Registry => new(Stores.Tables, Stores.Objects, new RegistryOptions { Events = [_endpoint.Subscription] }, Time);

    private Repository App => Registry.GetRepository(RepositoryName.Parse("team/app"), new ChangeOrigin { Actor = "alice", RequestId = "r1", UserAgent = "docker/29" });

    [Fact]
    public async Task Events_that_wait_are_listed_before_those_that_were_given_up()
    {
        Assert.Equal(new CliRun(ExitCode.Done, "", "0 events wait, 0 were given up.\n"), await RunAsync("events", "list"));
        var lost = await PushAndGiveUpAsync("1", "old", "older");
        await PushAsync("2", "new");
        await DeliverAsync();
        var run = await RunAsync("events", "list", "--endpoint", "Ci");
        var lines = Columns(run.Out);
        Assert.Equal(["waits", "2026-01-09T00:00:00Z", "ci"], lines[0][..3]);
        Assert.Equal(["push", "team/app:new", "1"], lines[0][4..7]);
        Assert.StartsWith("2026-01-09T00:0", lines[0][7], StringComparison.Ordinal);
        Assert.Equal("no answer", lines[0][8]);
        Assert.Equal(["given up", "2026-01-01T00:00:00Z", "ci", lost, "push", "team/app:old team/app:older", "-", "-", "no answer"], lines[1]);
        Assert.Equal((ExitCode.Done, 2, "1 events wait, 1 were given up; 'registry events resend' has them delivered after all.\n"), (run.Code, lines.Count, run.Error));
        Assert.Equal("given up", Assert.Single(Columns((await RunAsync("events", "list", "--undelivered")).Out))[0]);
        using var json = JsonDocument.Parse((await RunAsync("events", "list", "--json")).Out);
        Assert.Equal(["waits", "given up"], json.RootElement.EnumerateArray().Select(e => e.GetProperty("state").GetString()));
        Assert.Equal("team/app:older", json.RootElement[1].GetProperty("targets")[1].GetString());
        Assert.Equal(run.Out, (await RunOnTerminalAsync("", "events", "list")).Out);
    }

    [Fact]
    public async Task One_event_is_shown_with_all_its_fields()
    {
        Environment["Registry:Events:audit:Url"] = "https://audit.example";
        var digest = await PushAsync("1", "v1", "v2");
        await DeliverAsync();
        var (first, second) = await Delivery.ListPendingAsync(default).Select(p => (p.Events[0].Id, p.Events[1].Id)).SingleAsync();
        var run = await RunAsync("events", "show", second.ToUpperInvariant());
        var lines = Columns(run.Out);
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
        Assert.Equal(
            [
                $"id {second}", "time 2026-01-01T00:00:00Z", "action push", "kind tag", "repository team/app", "from -", "tag v2", $"digest {digest}", $"media type {MediaTypes.OciManifest}",
            ],
            lines[..9].Select(l => string.Join(' ', l)));
        Assert.Contains(lines, l => l is ["actor", "alice"]);
        Assert.Contains(lines, l => l is ["user agent", "docker/29"]);
        Assert.Contains(lines, l => l is ["with", var other, "team/app:v1"] && other == first);
        Assert.Equal(["endpoint", "ci", "waits", "2026-01-01T00:00:00Z", "1"], lines[^2][..5]);
        Assert.Equal(["endpoint", "audit", "not stored", "-", "-", "-", "-"], lines[^1]);
    }

    [Fact]
    public async Task An_event_that_was_given_up_waits_again_under_its_own_id()
    {
        var lost = await PushAndGiveUpAsync("1", "v1");
        var run = await RunAsync("events", "resend", lost);
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out));
        Assert.StartsWith($"{lost} (push team/app:v1) waits for ci again.\nThe registry delivers", run.Error, StringComparison.Ordinal);
        Assert.Equal($"{lost} (push team/app:v1) waits for ci already, and is due: nothing to do.\n", (await RunAsync("events", "resend", lost, "--endpoint", "CI")).Error);
        await DeliverAsync();
        Assert.Contains("waits for ci already, and is tried again from 2026-01-09T", (await RunAsync("events", "resend", lost)).Error, StringComparison.Ordinal);
        _endpoint.Problem = null;
        Time.Advance(TimeSpan.FromMinutes(20));
        await DeliverAsync();
        Assert.Equal(lost, _endpoint.Told[^1].Id);
        Assert.Equal(ExitCode.Refused, (await RunAsync("events", "resend", lost)).Code);
    }

    [Fact]
    public async Task All_that_were_given_up_for_an_endpoint_wait_again()
    {
        await PushAsync("1", "v1");
        await PushAndGiveUpAsync("2", "v2");
        await PushAsync("3", "v3");
        var run = await RunAsync("events", "resend", "--endpoint", "CI", "--all");
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out));
        Assert.StartsWith("2 events that were given up for ci wait again; 1 waited already.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(["waits", "waits", "waits"], Columns((await RunAsync("events", "list")).Out).Select(l => l[0]));
        Assert.Equal("0 events that were given up for ci wait again; 3 waited already.\n", (await RunAsync("events", "resend", "--endpoint", "ci", "--all")).Error);
    }

    [Fact]
    public async Task Events_for_an_endpoint_that_the_settings_do_not_name_can_be_seen_and_sent_again()
    {
        var lost = await PushAndGiveUpAsync("1", "v1");
        Environment.Clear();
        Assert.Equal("given up", Assert.Single(Columns((await RunAsync("events", "list", "--endpoint", "ci")).Out))[0]);
        Assert.Contains("Warning: The settings name no endpoint 'ci'", (await RunAsync("events", "resend", lost)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_listed_and_shown()
    {
        var lost = await PushAndGiveUpAsync("1", "v1");
        await Stores.Tables.WriteAsync(
            TableKeys.SystemTable, new RowWrite.Merge(TableKeys.UndeliveredEvent("ci", lost), new Dictionary<string, object> { ["action"] = "Explode" }, "*"), default);
        Assert.Equal(["given up", "ci", lost, "-", "-"], Assert.Single(Columns((await RunAsync("events", "list")).Out)).Where((_, i) => i is 0 or 2 or 3 or 4 or 5));
        Assert.StartsWith($"id\t{lost}\nendpoint\tci\tgiven up\t", (await RunAsync("events", "show", lost)).Out, StringComparison.Ordinal);
        await RunAsync("events", "resend", lost);
        Assert.Equal(["waits", "ci", lost, "-", "-"], Assert.Single(Columns((await RunAsync("events", "list")).Out)).Where((_, i) => i is 0 or 2 or 3 or 4 or 5));
    }

    [Fact]
    public async Task What_is_not_there_is_said_by_name()
    {
        const string Unknown = "There is no endpoint 'no'. The settings (Registry:Events:NAME) name ci.\n";
        Assert.Equal(new CliRun(ExitCode.Refused, "", Unknown), await RunAsync("events", "list", "--endpoint", "No"));
        Assert.Equal(new CliRun(ExitCode.Refused, "", Unknown), await RunAsync("events", "resend", "--all", "--endpoint", "No"));
        Assert.Equal(new CliRun(ExitCode.Refused, "", Unknown), await RunAsync("events", "test", "No"));
        var run = await RunAsync("events", "show", "0193");
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.StartsWith("No event 0193 is stored: it was delivered", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("No event 0193 for ci is stored", (await RunAsync("events", "resend", "0193", "--endpoint", "ci")).Error, StringComparison.Ordinal);
        Environment["Registry:Events:CI:Disabled"] = "true";
        Assert.Contains("name none that is not disabled", (await RunAsync("events", "test", "ci")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("events", "resend")]
    [InlineData("events", "resend", "--endpoint", "ci")]
    [InlineData("events", "resend", "--all")]
    [InlineData("events", "resend", "0193", "--endpoint", "ci", "--all")]
    [InlineData("events", "show")]
    [InlineData("events", "test")]
    public async Task What_does_not_say_which_event_or_endpoint_is_bad_usage(params string[] args)
    {
        var run = await RunAsync(args);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.Empty(Probe.Calls);
    }

    [Fact]
    public async Task A_rollback_leaves_an_event_that_waits()
    {
        await PushAsync("1", "v1");
        await PushAsync("2", "v1");
        _endpoint.Problem = null;
        await DeliverAsync();
        Assert.Empty((await RunAsync("events", "list")).Out);
        Assert.Equal(ExitCode.Done, (await RunAsync("tag", "rollback", "team/app:v1")).Code);
        var line = Assert.Single(Columns((await RunAsync("events", "list")).Out));
        Assert.Equal(["waits", "ci", "push", "team/app:v1", "0"], line.Where((_, i) => i is 0 or 2 or 4 or 5 or 6));
        Assert.Contains("actor\trollback\n", (await RunAsync("events", "show", line[3])).Out, StringComparison.Ordinal);
    }

    private async Task<string> PushAndGiveUpAsync(string seed, params string[] tags)
    {
        await PushAsync(seed, tags);
        Time.Advance(_endpoint.Options.MaxAge + TimeSpan.FromDays(1) - TimeSpan.FromSeconds(Time.GetUtcNow().Second));
        await DeliverAsync();
        return (await Delivery.ListUndeliveredAsync(default).ToListAsync())[^1].Id;
    }

    private EventDelivery Delivery => Registry.DeliverTo([_endpoint], _endpoint);

    private Task DeliverAsync() => Delivery.DeliverAsync(EventPlace.Of(RepositoryName.Parse("team/app")), default);

    private async Task<Digest> PushAsync(string seed, params string[] tags)
    {
        var config = await App.Blobs.PutAsync(System.Text.Encoding.UTF8.GetBytes($"{{\"seed\":\"{seed}\"}}"), default);
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build();
        await App.Manifests.PutAsync(image, [.. tags.Select(t => Tag.Parse(t))], default);
        Time.Advance(TimeSpan.FromSeconds(1));
        return image.Digest;
    }

    private static List<string[]> Columns(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))];

    private sealed class FailingEndpoint : IEventEndpoint, IDeliveryObserver
    {
        public EventSubscription Subscription { get; } = new("ci") { Blobs = false };

        public EndpointOptions Options { get; } = new();

        public string? Problem { get; set; } = "no answer";

        public List<RegistryEvent> Told { get; } = [];

        public Task<DeliveryOutcome> SendAsync(RegistryEvent registryEvent, CancellationToken cancellationToken)
        {
            Told.Add(registryEvent);
            return Task.FromResult(new DeliveryOutcome(Problem));
        }

        public void Delivered(string endpoint, RegistryEvent registryEvent)
        {
        }

        public void Failed(string endpoint, RegistryEvent registryEvent, string problem)
        {
        }

        public void GivenUp(string endpoint, string id, string problem)
        {
        }
    }
}
