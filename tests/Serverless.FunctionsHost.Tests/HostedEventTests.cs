using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Serverless.AzureStorage;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Events of the published app: the queue's trigger delivers them, and the timer what the queue has missed.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedEventTests(HostedFixture fixture) : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<JsonElement> _told = new();
    private readonly string _queue = $"events-{Guid.NewGuid():N}";
    private WebApplication? _receiver;
    private int _refusals;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.Run(TakeAsync);
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync() => await _receiver!.DisposeAsync();

    [Fact]
    public async Task A_push_is_told_of_by_way_of_the_queue()
    {
        await using var registry = await StartAsync(fixture.Azurite.NewOptions());
        var image = await PushAsync(registry, "v1");
        await WaitForAsync(() => _told.Count == 1);
        var told = _told.Single();
        Assert.Equal(("push", "team/app", "v1", image.Digest.ToString()), (told.GetProperty("action").GetString(), Target(told, "repository"), Target(told, "tag"), Target(told, "digest")));
        Assert.Equal("PUT", told.GetProperty("request").GetProperty("method").GetString());
        await WaitForAsync(() => Queue().GetProperties().Value.ApproximateMessagesCount == 0);
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_asked_again_when_the_message_comes_back_into_sight()
    {
        _refusals = 7;
        await using var registry = await StartAsync(fixture.Azurite.NewOptions(), ("Registry__Events__ci__Threshold", "1"), ("Registry__Events__ci__MaxBackoff", "00:00:01"));
        await PushAsync(registry, "v1");
        await WaitForAsync(() => _told.Count == 1);
        Assert.Equal(0, _refusals);
        // More often than the host repeats a message; but none of them has failed.
        Assert.False((await new QueueServiceClient(fixture.Azurite.ConnectionString).GetQueueClient(_queue + "-poison").ExistsAsync()).Value);
    }

    [Fact]
    public async Task What_no_message_tells_of_the_timer_delivers()
    {
        var storage = fixture.Azurite.NewOptions();
        await using var registry = await StartAsync(storage);
        // As a process does that dies between its batch and its message.
        var (tables, objects) = AzureStores.Create(storage, TimeProvider.System);
        var dying = new ContainerRegistry(tables, objects, new RegistryOptions { Events = [new EventSubscription("ci") { Blobs = false }] }, TimeProvider.System);
        var repository = dying.GetRepository(RepositoryName.Parse("team/app"));
        var config = await repository.Blobs.PutAsync("{}"u8.ToArray(), default);
        await repository.Manifests.PutAsync(ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build(), [Tag.Parse("v1")], default);
        await Task.Delay(TimeSpan.FromSeconds(12));
        Assert.Empty(_told);
        var run = await registry.Host.RunTimerAsync("Maintenance");
        Assert.True(run.Succeeded, run.Failure);
        Assert.Single(run.Logs, line => line.StartsWith("DeliverEvents: ", StringComparison.Ordinal));
        Assert.Single(_told);
    }

    [Fact]
    public async Task Without_its_queue_an_app_with_endpoints_does_not_start()
    {
        var output = "";
        var e = await Assert.ThrowsAnyAsync<Exception>(() => HostedRegistry.StartAsync(
            fixture.App.Folder, fixture.Azurite.NewOptions(), new Dictionary<string, string> { ["Registry__Events__ci__Url"] = "https://hooks.example/" }, o => o with { WorkerOutput = line => output += line + "\n" }));
        Assert.Contains("EventsQueue must be set", output + e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_endpoints_nothing_of_events_is_there()
    {
        await using var registry = await fixture.StartAsync(("AzureWebJobs_Events_Disabled", "false"), ("EventsQueue", _queue), ("EventsStorage", fixture.Azurite.ConnectionString));
        await PushAsync(registry, "v1");
        Assert.False((await Queue().ExistsAsync()).Value);
    }

    private QueueClient Queue() => new QueueServiceClient(fixture.Azurite.ConnectionString).GetQueueClient(_queue);

    private async Task<HostedRegistry> StartAsync(AzureStorageOptions storage, params (string Name, string Value)[] settings)
    {
        // The template makes it.
        await Queue().CreateIfNotExistsAsync();
        return await fixture.StartAsync(
            storage,
            [
                ("AzureWebJobs_Events_Disabled", "false"), ("EventsQueue", _queue), ("EventsStorage", fixture.Azurite.ConnectionString),
                ("AzureFunctionsJobHost__extensions__queues__maxPollingInterval", "00:00:00.2000000"),
                ("Registry__Events__ci__Url", _receiver!.Urls.Single()), ("Registry__Events__ci__Blobs", "false"), ("Registry__Outbound__Allow__0", "127.0.0.1"), .. settings,
            ]);
    }

    private static async Task<Manifest> PushAsync(HostedRegistry registry, string tag)
    {
        var image = await registry.PrepareImageAsync("team/app");
        using var answer = await registry.PutManifestAsync("team/app", tag, image);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return image;
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var json = await JsonDocument.ParseAsync(http.Request.Body);
        if (_refusals > 0)
        {
            _refusals--;
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        foreach (var told in json.RootElement.GetProperty("events").EnumerateArray()) _told.Enqueue(told.Clone());
    }

    private static string? Target(JsonElement told, string name) => told.GetProperty("target").GetProperty(name).GetString();

    private static async Task WaitForAsync(Func<bool> isSo)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < s_patience, "It does not come to that.");
            await Task.Delay(50);
        }
    }
}
