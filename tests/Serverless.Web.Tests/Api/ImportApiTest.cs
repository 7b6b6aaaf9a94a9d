using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>A test of imports over HTTP: from one registry, to which nobody need sign in, into another, where everybody is who he says he is.</summary>
public abstract class ImportApiTest(IStorageKind storage) : IAsyncLifetime
{
    private protected const string Pusher = "ann team/*:pull,push";

    private protected ManualTimeProvider Time { get; } = new(startNow: true);

    private protected RegistryServer There { get; private set; } = null!;

    private protected RegistryServer Registry { get; private set; } = null!;

    private protected string Source => There.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private protected virtual string[] Settings => [];

    public async Task InitializeAsync()
    {
        There = await RegistryServer.StartAsync(storage.NewStores(Time), Time);
        Registry = await StartAsync(Settings);
    }

    public async Task DisposeAsync()
    {
        await Registry.DisposeAsync();
        await There.DisposeAsync();
    }

    private protected Task<RegistryServer> StartAsync(params string[] settings) =>
        RegistryServer.StartAsync(storage.NewStores(Time), Time, new HeaderAuthenticator(), null, ["Outbound:Allow:0=127.0.0.1", .. settings]);

    private protected Task<HttpResponseMessage> SendAsync(string method, string path, string caller, string? body = null, params (string, string)[] headers) =>
        Registry.SendAsync(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), body is null ? null : "application/json", [(HeaderAuthenticator.Header, caller), .. headers]);

    private protected Task<HttpResponseMessage> AskAsync(string source, string target, string caller = Pusher, string more = "") =>
        SendAsync("POST", "/api/v1/imports", caller, $$"""{"source":"{{source}}","target":"{{target}}"{{more}}}""");

    private protected static async Task<JsonElement> ReadAsync(Task<HttpResponseMessage> asked, HttpStatusCode status)
    {
        using var answer = await asked;
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"Expected {status}, got {answer.StatusCode}: {body}");
        var isProblem = (int)status >= 400;
        Assert.Equal(isProblem ? "application/problem+json" : "application/json", answer.Content.Headers.ContentType?.ToString());
        var json = JsonDocument.Parse(body).RootElement;
        if (isProblem) Assert.Equal((int)status, json.GetProperty("status").GetInt32());
        return json;
    }

    private protected static async Task AssertRefusedAsync(Task<HttpResponseMessage> asked, HttpStatusCode status, string code) =>
        Assert.Equal(code, (await ReadAsync(asked, status)).GetProperty("code").GetString());

    /// <summary>Asks how an import stands until it has ended.</summary>
    private protected async Task<JsonElement> EndAsync(string id, string caller = Pusher, string path = "/api/v1/imports/")
    {
        for (var i = 0; ; i++)
        {
            var import = await ReadAsync(SendAsync("GET", path + id, caller), HttpStatusCode.OK);
            if (import.GetProperty("state").GetString() is not ("waiting" or "running")) return import;
            Assert.True(i < 600, $"It has not ended: {import}");
            await Task.Delay(50);
        }
    }

    private protected async Task<Manifest> PushAsync(string name, string tag)
    {
        var image = await There.PrepareImageAsync(name);
        using var answer = await There.PutManifestAsync(name, tag, image);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return image;
    }
}
