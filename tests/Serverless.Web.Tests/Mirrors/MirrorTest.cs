using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Oci;
using Serverless.Web.Tests.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Mirrors;

/// <summary>A registry that mirrors another one of ours as <c>hub/</c>, with a go-between that counts what is asked for and can make it go wrong.</summary>
public abstract class MirrorTest(IStorageKind storage) : IAsyncLifetime, IDisposable
{
    protected const string Remote = "library/app";
    protected const string Here = "hub/library/app";

    private readonly ConcurrentQueue<string> _asked = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private ScriptedRegistry? _between;
    private RegistryServer? _upstream;
    private RegistryServer? _registry;

    protected Serverless.Testing.ManualTimeProvider Time { get; } = new(startNow: true);

    protected RegistryServer Upstream => _upstream!;

    protected RegistryServer Registry => _registry!;

    /// <summary>What the upstream was asked for, as <c>GET /v2/...</c>.</summary>
    protected IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Answers in place of the upstream; returns false to let it through.</summary>
    protected Func<HttpContext, Task<bool>> Fault { get; set; } = _ => Task.FromResult(false);

    protected virtual string[] Settings => [];

    protected string[] MirrorSettings =>
        ["Mirror:hub:Prefix=hub/", $"Mirror:hub:Remote={_between!.Url.GetLeftPart(UriPartial.Authority)}", "Outbound:Allow:0=127.0.0.1", .. Settings];

    public async Task InitializeAsync()
    {
        _upstream = await RegistryServer.StartAsync(storage.NewStores(Time), Time, "Redirect:Enabled=false");
        _between = await ScriptedRegistry.StartAsync();
        _between.Answer = ForwardAsync;
        _registry = await RegistryServer.StartAsync(storage.NewStores(Time), Time, MirrorSettings);
    }

    public async Task DisposeAsync()
    {
        await Registry.DisposeAsync();
        await _between!.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    protected Task<RegistryServer> StartAnotherAsync(params string[] settings) => RegistryServer.StartAsync(Registry.Stores, Time, [.. MirrorSettings, .. settings]);

    protected void Forget() => _asked.Clear();

    /// <summary>The upstream does not answer from now on.</summary>
    protected void TakeDown() => Fault = http =>
    {
        http.Abort();
        return Task.FromResult(true);
    };

    protected async Task<Manifest> PushAsync(string tag = "v1", int layers = 2)
    {
        var image = await Upstream.PrepareImageAsync(Remote, layers);
        using var answer = await Upstream.PutManifestAsync(Remote, tag, image);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return image;
    }

    protected static Task<HttpResponseMessage> GetAsync(RegistryServer registry, string path, params (string Name, string Value)[] headers) => registry.SendAsync("GET", path, headers: headers);

    /// <summary>Pulls as a client does, and compares every byte with its digest.</summary>
    protected static async Task<Manifest> PullAsync(RegistryServer registry, string reference, string name = Here)
    {
        using var answer = await GetAsync(registry, $"/v2/{name}/manifests/{reference}");
        var payload = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(payload)}");
        var manifest = ManifestTypes.Default.Parse(answer.Content.Headers.ContentType!.ToString(), payload);
        Assert.Equal(manifest.Digest.ToString(), Assert.Single(answer.Headers.GetValues("Docker-Content-Digest")));
        foreach (var child in manifest.Content.Manifests) await PullAsync(registry, child.Digest.ToString(), name);
        foreach (var blob in manifest.Content.Blobs) Assert.True(blob.Digest.Matches(await BlobAsync(registry, blob.Digest, name)), blob.Digest.ToString());
        return manifest;
    }

    /// <summary>Reads a blob, from wherever it is sent to.</summary>
    protected static async Task<byte[]> BlobAsync(RegistryServer registry, Digest digest, string name = Here)
    {
        using var answer = await GetAsync(registry, $"/v2/{name}/blobs/{digest}");
        if (answer.StatusCode != HttpStatusCode.TemporaryRedirect) return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync() : throw new HttpRequestException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}", null, answer.StatusCode);
        return await registry.Client.GetByteArrayAsync(answer.Headers.Location);
    }

    private async Task ForwardAsync(HttpContext http)
    {
        _asked.Enqueue($"{http.Request.Method} {http.Request.Path}");
        if (await Fault(http)) return;
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(Upstream.Client.BaseAddress!, http.Request.Path + http.Request.QueryString));
        foreach (var (name, value) in http.Request.Headers.Where(h => h.Key != "Host")) request.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key != "Transfer-Encoding")) http.Response.Headers[name] = values.ToArray();
        await answer.Content.CopyToAsync(http.Response.Body);
    }
}
