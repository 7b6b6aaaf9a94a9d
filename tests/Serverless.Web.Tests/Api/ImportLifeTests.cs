using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Web.Imports;
using Serverless.Web.Maintenance;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>Who runs imports and when, and where the API is and is not.</summary>
public sealed class ImportLifeTests(InMemoryStorage storage) : ImportApiTest(storage), IClassFixture<InMemoryStorage>
{
    [Fact]
    public async Task A_server_goes_on_with_the_imports_that_have_not_ended()
    {
        await PushAsync("app", "v1");
        var id = await AddBesideAsync();
        await using var next = await RegistryServer.StartChangedAsync(
            Registry.Stores, Time, services => services.AddSingleton(new ImportSettings(true, true, 2) { BeginAfter = TimeSpan.FromMilliseconds(1) }), null, "Outbound:Allow:0=127.0.0.1");
        await WaitAsync(id, ImportState.Succeeded);
    }

    [Fact]
    public async Task Whoever_asks_how_an_import_stands_that_nobody_is_at_has_it_begun()
    {
        await PushAsync("app", "v1");
        var id = await AddBesideAsync();
        Assert.Equal("succeeded", (await EndAsync(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_maintenance_task_runs_them_where_nobody_else_does_and_tells_of_them_where_somebody_does()
    {
        await PushAsync("app", "v1");
        var task = Registry.Services.GetServices<IMaintenanceTask>().Single(t => t.Name == MaintenanceSettings.ImportImages);
        var turn = new MaintenanceTurn(TimeSpan.FromMinutes(5), new WalkCursor(null, (_, _) => Task.CompletedTask));
        var first = await AddBesideAsync();
        Assert.True((await task.RunAsync(turn, default)).IsFinished);
        await WaitAsync(first, ImportState.Succeeded);

        Registry.Services.GetRequiredService<ImportSignals>().IsHeard = false;
        var second = await AddBesideAsync("team/other");
        Assert.Equal("imports that had not ended: 1; that ended long ago and were dropped: 0", (await task.RunAsync(turn, default)).Log);
        Assert.Equal(ImportState.Succeeded, (await Imports.FindAsync(second, default))!.State);
    }

    [Fact]
    public async Task A_turn_that_is_out_of_time_leaves_the_rest_to_the_next_one()
    {
        var task = Registry.Services.GetServices<IMaintenanceTask>().Single(t => t.Name == MaintenanceSettings.ImportImages);
        Registry.Services.GetRequiredService<ImportSignals>().IsHeard = false;
        // Somebody who takes connections and never answers.
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var id = await AddBesideAsync(source: $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/app:v1");
        var running = task.RunAsync(new MaintenanceTurn(TimeSpan.FromSeconds(2), new WalkCursor(null, (_, _) => Task.CompletedTask)), default);
        await WaitAsync(id, ImportState.Running);
        Assert.False((await running).IsFinished);
        Assert.Equal((ImportState.Waiting, 0), ((await Imports.FindAsync(id, default))!.State, (await Imports.FindAsync(id, default))!.Failures));
    }

    [Fact]
    public async Task An_answer_waits_for_the_end_if_it_is_asked_to()
    {
        var id = (await ReadAsync(AskAsync("http://127.0.0.1:1/app:v1", "team/app"), HttpStatusCode.Accepted)).GetProperty("id").GetString()!;
        var asked = SendAsync("GET", $"/api/v1/imports/{id}", Pusher, null, ("Prefer", "wait=4000"));
        for (var i = 0; !asked.IsCompleted && i < 200; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }

        using var answer = await asked;
        Assert.Equal("wait=100", answer.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_state_that_is_known_is_not_sent_again()
    {
        await PushAsync("app", "v1");
        var id = (await ReadAsync(AskAsync($"{Source}/app:v1", "team/app"), HttpStatusCode.Accepted)).GetProperty("id").GetString()!;
        await EndAsync(id);
        using var first = await SendAsync("GET", $"/api/v1/imports/{id}", Pusher);
        using var again = await SendAsync("GET", $"/api/v1/imports/{id}", Pusher, null, ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal((HttpStatusCode.NotModified, true, true), (again.StatusCode, again.Headers.CacheControl!.Private, again.Headers.CacheControl.NoCache));
        using var other = await SendAsync("GET", $"/api/v1/imports/{id}", Pusher, null, ("If-None-Match", "\"other\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task The_API_is_behind_a_prefix_like_everything_else()
    {
        await PushAsync("app", "v1");
        await using var prefixed = await RegistryServer.StartAsync(Registry.Stores, Time, new HeaderAuthenticator(), null, "Outbound:Allow:0=127.0.0.1", "Prefix=/registry");
        using var answer = await prefixed.SendAsync("POST", "/registry/api/v1/imports", System.Text.Encoding.UTF8.GetBytes($$"""{"source":"{{Source}}/app:v1","target":"team/app"}"""), "application/json", (HeaderAuthenticator.Header, Pusher));
        Assert.StartsWith("/registry/api/v1/imports/", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
        await AssertRefusedAsync(prefixed.SendAsync("GET", "/registry/api/v1/nothing"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        using var outside = await prefixed.SendAsync("GET", "/api/v1/imports");
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }

    [Fact]
    public async Task Switched_off_it_is_not_there_and_no_timer_looks_for_imports()
    {
        await using var without = await StartAsync("Api:Enabled=false");
        foreach (var path in (string[])["/api/v1/imports", "/api/v1/openapi.json", "/api/v1/imports/x"])
        {
            await AssertRefusedAsync(without.SendAsync("GET", path, headers: [(HeaderAuthenticator.Header, Pusher)]), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        }

        Assert.DoesNotContain(MaintenanceSettings.ImportImages, without.Services.GetRequiredService<MaintenanceSettings>().Intervals.Keys);
        without.Probe.Reset();
        Time.Advance(TimeSpan.FromDays(1));
        await without.Services.GetRequiredService<MaintenanceRunner>().RunAsync(default);
        Assert.DoesNotContain(without.Probe.Calls, c => c.Contains("imports", StringComparison.Ordinal));
    }

    [Fact]
    public async Task More_imports_than_may_wait_are_refused()
    {
        await using var small = await StartAsync("Imports:MaxWaiting=1");
        foreach (var (target, status) in (IEnumerable<(string, HttpStatusCode)>)[("team/a", HttpStatusCode.Accepted), ("team/a", HttpStatusCode.Accepted), ("team/b", HttpStatusCode.TooManyRequests)])
        {
            using var answer = await small.SendAsync(
                "POST", "/api/v1/imports", System.Text.Encoding.UTF8.GetBytes($$"""{"source":"http://127.0.0.1:1/app:v1","target":"{{target}}"}"""), "application/json", (HeaderAuthenticator.Header, Pusher));
            Assert.Equal(status, answer.StatusCode);
        }
    }

    private ImportStore Imports => Registry.Services.GetRequiredService<ContainerRegistry>().Imports;

    /// <summary>Asks for an import as another instance would that dies before it begins.</summary>
    private async Task<string> AddBesideAsync(string target = "team/app", string? source = null) => (await Imports.AddAsync(
        new ImportRequest { Source = source ?? $"{Source}/app:v1", Reference = Reference.Parse("v1"), Target = RepositoryName.Parse(target), Tag = Tag.Parse("v1") }, "ann", null, 100, default)).Import.Id;

    private async Task WaitAsync(string id, ImportState state)
    {
        for (var i = 0; (await Imports.FindAsync(id, default))!.State != state; i++)
        {
            Assert.True(i < 600, $"It is {(await Imports.FindAsync(id, default))!.State}");
            await Task.Delay(50);
        }
    }
}
