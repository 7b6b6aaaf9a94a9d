using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>A test of what the API says of repositories, where everybody is who he says he is.</summary>
public abstract class RepositoryApiTest(IStorageKind storage) : IAsyncLifetime
{
    private protected const string Root = "/api/v1/repositories";
    private protected const string Owner = "ann team/*:pull,push,delete registry:catalog:*";
    private protected const string Reader = "bob team/*:pull";

    private protected ManualTimeProvider Time { get; } = new(startNow: true);

    private protected RegistryServer Registry { get; private set; } = null!;

    private protected virtual string[] Settings => ["Tags:NotePulls=true"];

    public async Task InitializeAsync() => Registry = await RegistryServer.StartAsync(storage.NewStores(Time), Time, new HeaderAuthenticator(), null, Settings);

    public async Task DisposeAsync() => await Registry.DisposeAsync();

    private protected Task<HttpResponseMessage> SendAsync(string method, string path, string caller = Owner, string? body = null, params (string, string)[] headers) =>
        Registry.SendAsync(method, Root + path, body is null ? null : Encoding.UTF8.GetBytes(body), body is null ? null : "application/json", [(HeaderAuthenticator.Header, caller), .. headers]);

    private protected async Task<JsonElement> ReadAsync(string path, string caller = Owner) => await ReadAsync(SendAsync("GET", path, caller), HttpStatusCode.OK);

    private protected static async Task<JsonElement> ReadAsync(Task<HttpResponseMessage> asked, HttpStatusCode status)
    {
        using var answer = await asked;
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"Expected {status}, got {answer.StatusCode}: {body}");
        Assert.Equal((int)status >= 400 ? "application/problem+json" : "application/json", answer.Content.Headers.ContentType?.ToString());
        return JsonDocument.Parse(body).RootElement;
    }

    private protected static async Task AssertRefusedAsync(Task<HttpResponseMessage> asked, HttpStatusCode status, string code) =>
        Assert.Equal(code, (await ReadAsync(asked, status)).GetProperty("code").GetString());

    private protected static async Task AssertDoneAsync(Task<HttpResponseMessage> asked, HttpStatusCode status = HttpStatusCode.NoContent)
    {
        using var answer = await asked;
        Assert.Equal((status, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    private protected static IEnumerable<string?> Texts(JsonElement list, string? member = null) =>
        list.EnumerateArray().Select(e => (member is null ? e : e.GetProperty(member)).GetString());

    /// <summary>Pushes an image by the service: what the API shows does not depend on how it came.</summary>
    private protected async Task<Manifest> PushAsync(string name, string? tag = null, string? config = null, Action<ManifestBuilder>? change = null, ManifestBuilder? builder = null)
    {
        var repository = Registry.Services.GetRequiredService<ContainerRegistry>().GetRepository(RepositoryName.Parse(name), ChangeOrigin.Of("zoe"));
        if (builder is null)
        {
            var bytes = Encoding.UTF8.GetBytes(config ?? $$"""{"os":"linux","architecture":"amd64","author":"{{Guid.NewGuid()}}"}""");
            builder = ManifestBuilder.ForImage(await repository.Blobs.PutAsync(bytes, default) with { MediaType = MediaTypes.OciConfig });
            builder.Append(await repository.Blobs.PutAsync(RegistryClient.RandomBytes(1000), default) with { MediaType = MediaTypes.OciLayerGzip });
        }

        change?.Invoke(builder);
        var manifest = builder.Build();
        // Moves of a tag are in the order of their times.
        Time.Advance(TimeSpan.FromSeconds(1));
        await repository.Manifests.PutAsync(manifest, tag is null ? [] : [Tag.Parse(tag)], default);
        return manifest;
    }
}
