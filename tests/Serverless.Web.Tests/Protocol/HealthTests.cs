using System.Globalization;
using System.Net;
using System.Text.Json;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class HealthTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string AllIsWell = """{"status":"healthy","tables":{"status":"healthy"},"objects":{"status":"healthy"},"repositoryQueue":"""
        + """{"status":"healthy","overdueSeconds":0},"blobQueue":{"status":"healthy","overdueSeconds":0}}""";

    [Fact]
    public async Task A_registry_whose_storage_answers_is_healthy()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/healthz"), HttpStatusCode.OK);
        Assert.Equal(AllIsWell, await answer.Content.ReadAsStringAsync());
        Assert.Equal(("application/json", "no-store"), (Header(answer, "Content-Type"), Header(answer, "Cache-Control")));
        using var head = await ExpectAsync(Registry.SendAsync("HEAD", "/healthz"), HttpStatusCode.OK);
        Assert.Equal(AllIsWell.Length, head.Content.Headers.ContentLength);
        await ExpectAsync(Registry.SendAsync("POST", "/healthz"), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
    }

    [Fact]
    public async Task However_many_ask_storage_is_asked_once_in_ten_seconds()
    {
        Registry.Probe.Delay = TimeSpan.FromMilliseconds(100);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ExpectAsync(Registry.SendAsync("GET", "/healthz"), HttpStatusCode.OK)));
        Assert.Equal((3, 1), Registry.Probe.Counts);
        Time.Advance(TimeSpan.FromSeconds(9));
        await ExpectAsync(Registry.SendAsync("GET", "/healthz"), HttpStatusCode.OK);
        Assert.Equal((3, 1), Registry.Probe.Counts);
        Time.Advance(TimeSpan.FromSeconds(2));
        await ExpectAsync(Registry.SendAsync("GET", "/healthz"), HttpStatusCode.OK);
        Assert.Equal((6, 2), Registry.Probe.Counts);
    }

    [Fact]
    public async Task Storage_that_fails_makes_it_unhealthy_until_it_answers_again()
    {
        // The calls begin with the object's, whatever comes first to the others.
        Registry.Probe.FailAt(0, StorageFault.Unavailable);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/healthz"), HttpStatusCode.ServiceUnavailable);
        var expected = AllIsWell.Replace("\"healthy\",\"tables", "\"unhealthy\",\"tables").Replace("objects\":{\"status\":\"healthy", "objects\":{\"status\":\"unreachable");
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        Time.Advance(TimeSpan.FromSeconds(10));
        await ExpectAsync(Registry.SendAsync("GET", "/healthz"), HttpStatusCode.OK);
        Registry.Probe.Reset();
        Registry.Probe.FailAt(1, StorageFault.Unavailable);
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("unreachable", "unknown", "unknown"), await StatesAsync(Registry, HttpStatusCode.ServiceUnavailable));
    }

    [Fact]
    public async Task Storage_that_does_not_answer_is_waited_for_no_longer_than_three_seconds()
    {
        Registry.Probe.Delay = TimeSpan.FromSeconds(20);
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(("unreachable", "unknown", "unknown"), await StatesAsync(Registry, HttpStatusCode.ServiceUnavailable));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_queue_that_nobody_has_looked_at_for_longer_than_the_limit_makes_it_unhealthy()
    {
        var digest = await Registry.PushBlobAsync("app", [1]);
        Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(("healthy", "healthy", "healthy"), await StatesAsync(Registry, HttpStatusCode.OK));
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(("healthy", "overdue", "healthy"), await StatesAsync(Registry, HttpStatusCode.ServiceUnavailable));
        await SetDueAsync(TableKeys.QueuedDigest(digest), Time.GetUtcNow() - TimeSpan.FromHours(25));
        await SetDueAsync(TableKeys.QueuedRepository(RepositoryName.Parse("app")), Time.GetUtcNow() + TimeSpan.FromHours(1));
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("healthy", "healthy", "overdue"), await StatesAsync(Registry, HttpStatusCode.ServiceUnavailable));
        await using var patient = await StartAnotherAsync("Health:QueueOverdue=2.00:00:00");
        Assert.Equal(("healthy", "healthy", "healthy"), await StatesAsync(patient, HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_queue_waits_in_read_only_mode_and_that_is_healthy()
    {
        await Registry.PushBlobAsync("app", [1]);
        Time.Advance(TimeSpan.FromDays(2));
        await using var registry = await StartAnotherAsync("ReadOnly=true");
        Assert.Equal(("healthy", "paused", "paused"), await StatesAsync(registry, HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_queue_of_several_pages_is_seen_whole_after_as_many_looks()
    {
        var due = Time.GetUtcNow() + TimeSpan.FromDays(1);
        var rows = Enumerable.Range(0, RowQuery.MaxPageSize).Select(i => Queue(TableKeys.QueuedRepository(RepositoryName.Parse($"app{i:d4}")), due));
        foreach (var batch in rows.GroupBy(w => w.Key.Partition)) await Registry.Stores.Tables.WriteAsync(TableKeys.SystemTable, [.. batch], default);

        // In the last of the queue's partitions, and there the last.
        var last = Enumerable.Range(0, 1000).Select(i => TableKeys.QueuedRepository(RepositoryName.Parse($"zzz{i}"))).MaxBy(k => k.Partition, StringComparer.Ordinal);
        await SetDueAsync(last, Time.GetUtcNow() - TimeSpan.FromDays(3));
        Assert.Equal(("healthy", "healthy", "healthy"), await StatesAsync(Registry, HttpStatusCode.OK));
        for (var look = 0; look < 4; look++)
        {
            Time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(("healthy", "overdue", "healthy"), await StatesAsync(Registry, HttpStatusCode.ServiceUnavailable));
        }
    }

    [Fact]
    public async Task With_a_prefix_it_is_found_at_the_root_and_nobody_must_sign_in()
    {
        await using var registry = await StartAnotherAsync("Prefix=/registry", "Auth:Mode=token", "PublicUrl=https://registry.example");
        await ExpectAsync(registry.SendAsync("GET", "/healthz"), HttpStatusCode.OK);
        await ExpectAsync(registry.SendAsync("GET", "/registry/healthz"), HttpStatusCode.OK);
    }

    private Task<WriteResult> SetDueAsync(RowKey key, DateTimeOffset due) =>
        Registry.Stores.Tables.WriteAsync(TableKeys.SystemTable, Queue(key, due), default);

    private static RowWrite Queue(RowKey key, DateTimeOffset due) =>
        new RowWrite.UpsertMerge(key, new Dictionary<string, object> { ["due"] = due.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) });

    private static async Task<(string Tables, string Repositories, string Blobs)> StatesAsync(RegistryServer registry, HttpStatusCode status)
    {
        using var answer = await ExpectAsync(registry.SendAsync("GET", "/healthz"), status);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (Status("tables"), Status("repositoryQueue"), Status("blobQueue"));

        string Status(string part) => json.RootElement.GetProperty(part).GetProperty("status").GetString()!;
    }
}

public sealed class HealthTestsInMemory(InMemoryStorage storage) : HealthTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class HealthTestsOnAzurite(AzuriteStorage storage) : HealthTests(storage);
