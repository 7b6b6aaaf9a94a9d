using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Benchmarks;

/// <summary>Clients that push small images to a registry, each one after another: a layer, a config, and a manifest under a tag of its own.</summary>
internal static class PushLoad
{
    private const int LayerBytes = 10_000;

    /// <summary>Runs the load, and prints pushes per second, and the median and the 95th percentile of their times in milliseconds, parted by tabs.</summary>
    public static async Task RunAsync(string url, int clients, TimeSpan duration)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = clients }) { BaseAddress = new Uri(url) };
        // The first push of each client is for its connection and for caches.
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => PushAsync(http, client, -1)));
        var times = new ConcurrentBag<double>();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            for (var i = 0; watch.Elapsed < duration; i++)
            {
                var begin = Stopwatch.GetTimestamp();
                await PushAsync(http, client, i);
                times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
        })));
        var seconds = watch.Elapsed.TotalSeconds;
        double[] sorted = [.. times.Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sorted.Length}\t{sorted.Length / seconds:f1}\t{sorted[sorted.Length / 2]:f1}\t{sorted[sorted.Length * 95 / 100]:f1}"));
    }

    private static async Task PushAsync(HttpClient http, int client, int number)
    {
        var repository = string.Create(CultureInfo.InvariantCulture, $"load/client{client}");
        var name = string.Create(CultureInfo.InvariantCulture, $"{client} {number} {Environment.ProcessId}");
        var layer = new byte[LayerBytes];
        Encoding.UTF8.GetBytes(name, layer);
        var config = Encoding.UTF8.GetBytes($$$"""{"architecture":"amd64","os":"linux","config":{"Labels":{"push":"{{{name}}}"}},"rootfs":{"type":"layers","diff_ids":[]}}""");
        var builder = ManifestBuilder.ForImage(await PutBlobAsync(http, repository, config, MediaTypes.OciConfig));
        var manifest = builder.Append(await PutBlobAsync(http, repository, layer, MediaTypes.OciLayerGzip)).Build();
        using var content = Content(manifest.Payload, manifest.MediaType);
        using var answer = await http.PutAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"v2/{repository}/manifests/v{number + 1}"), UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<Descriptor> PutBlobAsync(HttpClient http, string repository, byte[] content, string mediaType)
    {
        using var started = await http.PostAsync(new Uri($"v2/{repository}/blobs/uploads/", UriKind.Relative), null);
        started.EnsureSuccessStatusCode();
        var location = new Uri(http.BaseAddress!, started.Headers.Location!).ToString();
        var blob = new Descriptor(mediaType, Digest.Compute(DigestAlgorithm.Sha256, content), content.Length);
        using var body = Content(content, MediaTypes.OctetStream);
        using var answer = await http.PutAsync(new Uri($"{location}{(location.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={blob.Digest}"), body);
        answer.EnsureSuccessStatusCode();
        return blob;
    }

    private static ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> bytes, string mediaType) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
}
