using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.AzureStorage;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Imports of the published app: the instance that is asked does them while somebody waits, and the timer does what no instance is at.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedImportTests(HostedFixture fixture)
{
    [Fact]
    public async Task The_instance_that_is_asked_imports_while_somebody_waits()
    {
        await using var registry = await fixture.StartAsync(("Registry__Outbound__Allow__0", "127.0.0.1"));
        var image = await PushAsync(registry);
        using var asked = await registry.SendAsync("POST", "/api/v1/imports", Encoding.UTF8.GetBytes($$"""{"source":"{{Source(registry)}}","target":"in/app"}"""), "application/json");
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        using var ended = await registry.SendAsync("GET", asked.Headers.Location!.OriginalString, headers: [("Prefer", "wait=30")]);
        using var json = JsonDocument.Parse(await ended.Content.ReadAsStringAsync());
        Assert.Equal("succeeded", json.RootElement.GetProperty("state").GetString());
        using var pulled = await registry.SendAsync("GET", "/v2/in/app/manifests/v1");
        Assert.Equal(image.Payload.ToArray(), await pulled.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_no_instance_is_at_the_timer_imports()
    {
        var storage = fixture.Azurite.NewOptions();
        await using var registry = await fixture.StartAsync(storage, ("Registry__Outbound__Allow__0", "127.0.0.1"));
        await PushAsync(registry);
        // As an instance does that dies before it begins.
        var (tables, objects) = AzureStores.Create(storage, TimeProvider.System);
        var imports = new ContainerRegistry(tables, objects, new RegistryOptions(), TimeProvider.System).Imports;
        var request = new ImportRequest { Source = Source(registry), Reference = Reference.Parse("v1"), Target = RepositoryName.Parse("in/app"), Tag = Tag.Parse("v1") };
        var id = (await imports.AddAsync(request, null, null, 10, default)).Import.Id;
        var run = await registry.Host.RunTimerAsync("Maintenance");
        Assert.True(run.Succeeded, run.Failure);
        Assert.Single(run.Logs, line => line.StartsWith("ImportImages: imports that had not ended: 1", StringComparison.Ordinal));
        var import = await imports.FindAsync(id, default);
        Assert.True(import!.State == ImportState.Succeeded, import.Reason);
    }

    [Theory]
    [InlineData("/api/v1/nothing", HttpStatusCode.NotFound, "NAME_UNKNOWN")]
    [InlineData("/api/v1/imports/x", HttpStatusCode.NotFound, "IMPORT_UNKNOWN")]
    public async Task What_is_not_there_is_told_as_a_problem(string path, HttpStatusCode status, string code)
    {
        await using var registry = await fixture.StartAsync();
        using var answer = await registry.SendAsync("GET", path);
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(code, json.RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_description_is_served()
    {
        await using var registry = await fixture.StartAsync();
        using var answer = await registry.SendAsync("GET", "/api/v1/openapi.json");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.True(json.RootElement.GetProperty("paths").TryGetProperty("/imports", out _));
    }

    private static string Source(HostedRegistry registry) => $"{registry.Host.Url.GetLeftPart(UriPartial.Authority)}/there/app:v1";

    private static async Task<Manifest> PushAsync(HostedRegistry registry)
    {
        var image = await registry.PrepareImageAsync("there/app");
        using var put = await registry.PutManifestAsync("there/app", "v1", image);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        return image;
    }
}
