using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;

namespace Serverless.Benchmarks;

/// <summary>
/// Collects a store of 10,000 manifests and 50,000 blobs, half of it garbage, and counts calls to storage. The same content is written to a folder as CNCF distribution keeps
/// it, so that its own collector can be measured on it.
/// </summary>
internal static class CollectBenchmark
{
    private const int Repositories = 100;
    private const int ManifestsEach = 100;
    private const int BlobsEach = 5;

    public static async Task RunAsync(string folder)
    {
        var time = new FakeTimeProvider();
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((new InMemoryTableStore(time), new InMemoryObjectStore(time)));
        var options = new RegistryOptions();
        var registry = new ContainerRegistry(tables, objects, options, time);
        for (var r = 0; r < Repositories; r++)
        {
            await FillAsync(registry.GetRepository(RepositoryName.Parse($"team/app{r}")), new DistributionFolder(folder, $"team/app{r}"));
            if (r % 10 == 9) Console.WriteLine($"filled {r + 1} of {Repositories} repositories");
        }

        // A run looks at what is due: manifests and links after one grace, blobs after another.
        var collection = new CollectionOptions { DeleteUntagged = true, UntaggedAge = options.Grace };
        var (calls, watch, total) = (0, new Stopwatch(), new Dictionary<CollectedKind, int>());
        for (var run = 0; run < 5; run++)
        {
            probe.Reset();
            watch.Start();
            await registry.GarbageCollector.CollectAsync(collection, i => total[i.Kind] = total.GetValueOrDefault(i.Kind) + 1, default);
            watch.Stop();
            calls += probe.Counts.Table + probe.Counts.Object;
            time.Advance(options.Grace + TimeSpan.FromSeconds(1));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ours: {total.GetValueOrDefault(CollectedKind.Manifest)} manifests, {total.GetValueOrDefault(CollectedKind.Blob)} blobs in {watch.Elapsed.TotalSeconds:f1} s, {calls} calls to storage"));
        probe.Reset();
        watch.Restart();
        await registry.GarbageCollector.CollectAsync(collection, null, default);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ours, nothing to do: {watch.Elapsed.TotalMilliseconds:f0} ms, {probe.Counts.Table + probe.Counts.Object} calls to storage"));
    }

    // Of the manifests every second one has no tag.
    private static async Task FillAsync(Repository repository, DistributionFolder peer)
    {
        for (var m = 0; m < ManifestsEach; m++)
        {
            var blobs = new List<Descriptor>();
            for (var b = 0; b < BlobsEach; b++)
            {
                var content = Encoding.UTF8.GetBytes($"{repository.Name} {m} {b}");
                blobs.Add(await repository.Blobs.PutAsync(content, default));
                peer.AddLayer(blobs[^1].Digest, content);
            }

            var builder = ManifestBuilder.ForImage(blobs[0] with { MediaType = MediaTypes.OciConfig });
            foreach (var layer in blobs.Skip(1)) builder.Append(layer with { MediaType = MediaTypes.OciLayerGzip });
            var manifest = builder.Build();
            var tags = m % 2 == 0 ? [Tag.Parse($"v{m}")] : Array.Empty<Tag>();
            await repository.Manifests.PutAsync(manifest, tags, default);
            peer.AddManifest(manifest, tags);
        }
    }
}
