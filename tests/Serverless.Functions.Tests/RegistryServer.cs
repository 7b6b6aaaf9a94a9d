using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Auth;
using Serverless.Functions.Hosting;
using Serverless.Functions.Tests.Hostile;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;

namespace Serverless.Functions.Tests;

/// <summary>The whole app on a port of its own, with its storage calls watched, and a client that follows no redirect.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    // What is captured is everything but the framework's own chatter, which the app leaves out too.
    private static readonly string[] s_capture = ["--Logging:LogCapture:LogLevel:Default=Trace", "--Logging:LogCapture:LogLevel:Microsoft.AspNetCore=Warning"];

    private readonly WebApplication _app;

    private RegistryServer(WebApplication app, (ITableStore Tables, IObjectStore Objects) stores, StorageProbe probe)
    {
        (_app, Stores, Probe) = (app, stores, probe);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public StorageProbe Probe { get; }

    public (ITableStore Tables, IObjectStore Objects) Stores { get; }

    public static Task<RegistryServer> StartAsync((ITableStore Tables, IObjectStore Objects) stores, TimeProvider time, params string[] settings) =>
        StartAsync(stores, time, null, settings);

    internal static async Task<RegistryServer> StartAsync(
        (ITableStore Tables, IObjectStore Objects) stores, TimeProvider time, IAuthenticator? authenticator, params string[] settings)
    {
        var probe = new StorageProbe();
        string[] args = ["--urls=http://127.0.0.1:0", "--Registry:Storage:InMemory=true", "--Logging:LogLevel:Default=Warning", .. s_capture, .. settings.Select(s => "--Registry:" + s)];
        var app = await RegistryApp.CreateAsync(args, default, _ => probe.Watch(stores), time, authenticator);
        await app.StartAsync();
        return new RegistryServer(app, stores, probe);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>What the app logs from now on, at every level.</summary>
    public IReadOnlyCollection<string> CaptureLogs()
    {
        var capture = new LogCapture();
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(capture);
        return capture.Lines;
    }

    public static Digest DigestOf(byte[] content) => Digest.Compute(DigestAlgorithm.Sha256, content);

    public static byte[] RandomBytes(int length) => RandomNumberGenerator.GetBytes(length);

    public async Task<HttpResponseMessage> SendAsync(string method, string path, byte[]? body = null, string? contentType = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.RelativeOrAbsolute));
        if (body is not null) request.Content = new ByteArrayContent(body);
        if (contentType is not null) request.Content!.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Starts an upload and returns its location.</summary>
    public async Task<string> StartUploadAsync(string name)
    {
        using var answer = await SendAsync("POST", $"/v2/{name}/blobs/uploads/");
        return answer.Headers.Location!.OriginalString;
    }

    /// <summary>Pushes a blob in one request and returns its digest.</summary>
    public async Task<Digest> PushBlobAsync(string name, byte[] content)
    {
        var digest = DigestOf(content);
        using var answer = await SendAsync("POST", $"/v2/{name}/blobs/uploads/?digest={digest}", content, MediaTypes.OctetStream);
        return answer.StatusCode == System.Net.HttpStatusCode.Created ? digest : throw new InvalidOperationException($"The push was answered {answer.StatusCode}.");
    }

    /// <summary>Pushes a config and layers, and makes the image manifest that names them without pushing it.</summary>
    public async Task<Manifest> PrepareImageAsync(string name, int layers = 2, Action<ManifestBuilder>? change = null)
    {
        var config = RandomBytes(100);
        await PushBlobAsync(name, config);
        var builder = ManifestBuilder.ForImage(new Descriptor(MediaTypes.OciConfig, DigestOf(config), config.Length));
        for (var i = 0; i < layers; i++)
        {
            var layer = RandomBytes(1000);
            builder.Append(new Descriptor(MediaTypes.OciLayerGzip, await PushBlobAsync(name, layer), layer.Length));
        }

        change?.Invoke(builder);
        return builder.Build();
    }

    public Task<HttpResponseMessage> PutManifestAsync(string name, string reference, Manifest manifest) =>
        SendAsync("PUT", $"/v2/{name}/manifests/{reference}", manifest.Payload.ToArray(), manifest.MediaType);

    /// <summary>A chunk's Content-Range header.</summary>
    public static (string Name, string Value) ChunkRange(long first, long last) =>
        ("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"));
}
