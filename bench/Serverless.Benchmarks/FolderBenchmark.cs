using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.LocalStorage;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Benchmarks;

/// <summary>
/// Fills a folder with the registry of a company, and collects from it. It was all pushed some days ago, so that the collector may take whatever nobody uses.
/// <code>
/// teamNN/appNN   a hundred manifests: 90 images of a base layer, a layer and a config of their own, each with a tag and every sixth with two; 10 signatures of the first
/// zoo/tags       a thousand tags of one image
/// </code>
/// An image takes 10 rows, a second tag 3, a signature 5.
/// </summary>
internal static class FolderBenchmark
{
    private const int ManifestsEach = 100;
    private const int ImagesEach = 90;
    private const int Tags = 1000;
    private const int LayerBytes = 2000;

    // Pushes at a time: they share the waits for the disk.
    private const int AtOnce = 64;

    private static readonly TimeSpan s_age = TimeSpan.FromDays(3);

    public static async Task FillAsync(string folder, int manifests)
    {
        ThreadPool.SetMinThreads(AtOnce, AtOnce);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - s_age);
        using var stores = LocalStores.Open(folder, time);
        var registry = new ContainerRegistry(stores.Tables, stores.Objects, new RegistryOptions(), time);
        var watch = Stopwatch.StartNew();
        await FillTagsAsync(registry.GetRepository(RepositoryName.Parse("zoo/tags")));
        var done = 0;
        await Parallel.ForAsync(0, manifests / ManifestsEach, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (r, _) =>
        {
            await FillAsync(registry.GetRepository(NameOf(r)));
            if (Interlocked.Increment(ref done) % 100 == 0) Say($"  {done * ManifestsEach} manifests, {watch.Elapsed.TotalSeconds:f0} s");
        });
        Say($"filled: {manifests + 1} manifests in {watch.Elapsed.TotalSeconds:f0} s");
    }

    /// <summary>Counts the rows of each table by reading all.</summary>
    public static async Task CountAsync(string folder)
    {
        using var stores = LocalStores.Open(folder, TimeProvider.System);
        var (watch, all) = (Stopwatch.StartNew(), 0);
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            var (rows, continuation) = (0, (string?)null);
            do
            {
                var page = await stores.Tables.QueryAsync(table, RowQuery.Prefix(null, ""), continuation, default);
                (rows, continuation) = (rows + page.Rows.Count, page.Continuation);
            }
            while (continuation is not null);
            Say($"{table}\t{rows}");
            all += rows;
        }

        Say($"all\t{all}");
        Say($"seconds\t{watch.Elapsed.TotalSeconds:f1}");
    }

    /// <summary>Runs the collector as often as it takes, a grace apart, after so many manifests have been deleted.</summary>
    public static async Task CollectAsync(string folder, int deleted)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var stores = LocalStores.Open(folder, time);
        var registry = new ContainerRegistry(stores.Tables, stores.Objects, new RegistryOptions(), time);
        await RunAsync("first run, every repository is due", 1);
        await RunAsync("nothing to do", 1);

        var watch = Stopwatch.StartNew();
        // Ten of each repository, the newest first: the images that nobody has signed.
        for (var i = 0; i < deleted; i++)
        {
            var repository = registry.GetRepository(NameOf(i / 10));
            var found = await repository.Manifests.FindAsync(new Reference(TagOf(ImagesEach - 1 - (i % 10))), default) ?? throw new InvalidOperationException("An image is missing.");
            await repository.Manifests.DeleteAsync(found.Digest, default);
        }

        Say($"delete, one after another\t{deleted}\t{watch.Elapsed.TotalMilliseconds:f0}");
        time.Advance(registry.Options.Grace + TimeSpan.FromSeconds(1));
        await RunAsync($"{deleted} deleted manifests", 4);

        async Task RunAsync(string what, int times)
        {
            var items = new ConcurrentDictionary<CollectedKind, int>();
            var elapsed = TimeSpan.Zero;
            for (var i = 0; i < times; i++)
            {
                var begin = Stopwatch.GetTimestamp();
                await registry.GarbageCollector.CollectAsync(new CollectionOptions { TimeBudget = TimeSpan.MaxValue }, item => items.AddOrUpdate(item.Kind, 1, static (_, n) => n + 1), default);
                elapsed += Stopwatch.GetElapsedTime(begin);
                if (times > 1) time.Advance(registry.Options.Grace + TimeSpan.FromSeconds(1));
            }

            Say($"collect, {what}\t{items.GetValueOrDefault(CollectedKind.Blob)}\t{elapsed.TotalMilliseconds:f0}");
        }
    }

    private static RepositoryName NameOf(int number) => RepositoryName.Parse(string.Create(CultureInfo.InvariantCulture, $"team{number / 100:d2}/app{number % 100:d2}"));

    private static Tag TagOf(int image) => Tag.Parse(string.Create(CultureInfo.InvariantCulture, $"v{image:d3}"));

    private static async Task FillAsync(Repository repository)
    {
        var basis = await PutLayerAsync(repository, "base");
        var empty = await repository.Blobs.PutAsync("{}"u8.ToArray(), default);
        Manifest? first = null;
        for (var i = 0; i < ImagesEach; i++)
        {
            var builder = ManifestBuilder.ForImage(await PutConfigAsync(repository, i));
            var image = builder.Append(basis).Append(await PutLayerAsync(repository, $"{repository.Name} {i}")).Build();
            await repository.Manifests.PutAsync(image, i % 6 == 0 ? [TagOf(i), Tag.Parse(FormattableString.Invariant($"build-{i}"))] : [TagOf(i)], default);
            first ??= image;
        }

        for (var i = ImagesEach; i < ManifestsEach; i++)
        {
            var builder = ManifestBuilder.ForImage(empty with { MediaType = "application/vnd.oci.empty.v1+json" });
            builder.ArtifactType = "application/vnd.example.signature";
            builder.Subject = first!.Descriptor;
            await repository.Manifests.PutAsync(builder.Append(await PutLayerAsync(repository, $"{repository.Name} signature {i}")).Build(), [], default);
        }
    }

    private static async Task FillTagsAsync(Repository repository)
    {
        var image = ManifestBuilder.ForImage(await PutConfigAsync(repository, 0)).Append(await PutLayerAsync(repository, "base")).Build();
        for (var i = 0; i < Tags; i++) await repository.Manifests.PutAsync(image, [Tag.Parse(FormattableString.Invariant($"v{i:d4}"))], default);
    }

    private static async Task<Descriptor> PutConfigAsync(Repository repository, int number)
    {
        var config = Encoding.UTF8.GetBytes(FormattableString.Invariant($$$"""{"architecture":"amd64","os":"linux","config":{"Labels":{"image":"{{{repository.Name}}}:{{{number}}}"}},"rootfs":{"type":"layers","diff_ids":[]}}"""));
        return await repository.Blobs.PutAsync(config, default) with { MediaType = MediaTypes.OciConfig };
    }

    private static async Task<Descriptor> PutLayerAsync(Repository repository, string content)
    {
        var layer = new byte[LayerBytes];
        Encoding.UTF8.GetBytes(content, layer);
        return await repository.Blobs.PutAsync(layer, default) with { MediaType = MediaTypes.OciLayerGzip };
    }

    private static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
