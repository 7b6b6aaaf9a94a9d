using System.Net;
using System.Text.Json;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>Imports are asked for, done, looked at and ended, on every kind of storage.</summary>
public abstract class ImportApiTests(IStorageKind storage) : ImportApiTest(storage)
{
    [Fact]
    public async Task An_import_is_accepted_and_done()
    {
        var image = await PushAsync("app", "v1");
        using var answer = await AskAsync($"{Source}/app:v1", "team/app:v2");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var id = json.RootElement.GetProperty("id").GetString()!;
        Assert.Equal($"/api/v1/imports/{id}", answer.Headers.Location?.OriginalString);

        var import = await EndAsync(id);
        Assert.Equal("succeeded", import.GetProperty("state").GetString());
        Assert.Equal(("ann", "team/app:v2", $"{Source}/app:v1"), (import.GetProperty("owner").GetString(), import.GetProperty("target").GetString(), import.GetProperty("source").GetString()));
        Assert.Equal((1, 1, 3, 2100), (Done(import, "manifests"), Done(import, "tags"), Done(import, "blobs"), Done(import, "bytes")));
        using var pulled = await SendAsync("GET", "/v2/team/app/manifests/v2", Pusher);
        Assert.Equal(image.Payload.ToArray(), await pulled.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Tags_come_by_patterns()
    {
        foreach (var tag in (string[])["v1", "v2", "next"]) await PushAsync("app", tag);
        var asked = await ReadAsync(AskAsync($"{Source}/app", "team/app", more: ""","tags":["v*"],"referrers":false"""), HttpStatusCode.Accepted);
        Assert.Equal("succeeded", (await EndAsync(asked.GetProperty("id").GetString()!)).GetProperty("state").GetString());
        using var tags = await SendAsync("GET", "/v2/team/app/tags/list", Pusher);
        Assert.Equal("""{"name":"team/app","tags":["v1","v2"]}""", await tags.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_import_that_waits_can_be_cancelled_and_its_list_has_pages()
    {
        List<string> ids = [];
        for (var i = 0; i < 5; i++)
        {
            // Nobody answers there; the guard lets it be asked.
            ids.Add((await ReadAsync(AskAsync("http://127.0.0.1:1/app:v1", $"team/app:v{i}"), HttpStatusCode.Accepted)).GetProperty("id").GetString()!);
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20);
        }

        List<string> listed = [];
        for (var path = "/api/v1/imports?n=2"; path is not null;)
        {
            var page = await ReadAsync(SendAsync("GET", path, Pusher), HttpStatusCode.OK);
            listed.AddRange(page.GetProperty("imports").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            path = page.TryGetProperty("cursor", out var cursor) ? $"/api/v1/imports?n=2&cursor={cursor.GetString()}" : null;
        }

        Assert.Equal(ids.Order(), listed.Order());
        Assert.Equal("cancelled", (await ReadAsync(SendAsync("DELETE", $"/api/v1/imports/{ids[0]}", Pusher), HttpStatusCode.OK)).GetProperty("state").GetString());
        Assert.Equal("cancelled", (await ReadAsync(SendAsync("DELETE", $"/api/v1/imports/{ids[0]}", Pusher), HttpStatusCode.OK)).GetProperty("state").GetString());
    }

    private static long Done(JsonElement import, string what) => import.GetProperty("progress").GetProperty(what).GetInt64();
}

public sealed class ImportApiTestsInMemory(InMemoryStorage storage) : ImportApiTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class ImportApiTestsOnAzurite(AzuriteStorage storage) : ImportApiTests(storage);
