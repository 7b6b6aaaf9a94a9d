using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Testing;

/// <summary>A client that follows no redirect, and the stores of the registry that it talks to.</summary>
public class RegistryClient(Uri server, (ITableStore Tables, IObjectStore Objects) stores) : IAsyncDisposable
{
    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1 }) { BaseAddress = server };

    public (ITableStore Tables, IObjectStore Objects) Stores { get; } = stores;

    public static Digest DigestOf(byte[] content) => Digest.Compute(DigestAlgorithm.Sha256, content);

    public static byte[] RandomBytes(int length) => RandomNumberGenerator.GetBytes(length);

    /// <summary>A chunk's Content-Range header.</summary>
    public static (string Name, string Value) ChunkRange(long first, long last) =>
        ("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"));

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
        return answer.StatusCode == HttpStatusCode.Created ? digest : throw new InvalidOperationException($"The push was answered {answer.StatusCode}.");
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

    public virtual ValueTask DisposeAsync()
    {
        Client.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
