using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Cast;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>What is stored when a scenario begins. All of it is older than the grace, and what is queued is due.</summary>
internal static class Beginnings
{
    public static Task<Snapshot> NothingAsync() => AfterAsync(_ => Task.CompletedTask);

    /// <summary>A queued repository with nothing in it.</summary>
    public static Task<Snapshot> QueuedRepositoryAsync() => AfterAsync(r => r.GetRepository(App).Manifests.DeleteAsync(Image.Digest, default));

    /// <summary>The blob, which no manifest names.</summary>
    public static Task<Snapshot> UnusedBlobAsync() => AfterAsync(r => r.GetRepository(App).Blobs.PutAsync(Content, default));

    /// <summary>The blob, which no repository links to.</summary>
    public static Task<Snapshot> UnlinkedBlobAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Blobs.DeleteAsync(BlobDigest, default);
    });

    /// <summary>The blob, linked, and queued all the same: somebody announced to delete it and did not.</summary>
    public static Task<Snapshot> QueuedBlobAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Blobs.DeleteAsync(BlobDigest, default);
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
    });

    /// <summary>The image.</summary>
    public static Task<Snapshot> ImageAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [], default);
    });

    /// <summary>The image under a tag, and another one.</summary>
    public static Task<Snapshot> TaggedImagesAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [First], default);
        await r.GetRepository(App).Manifests.PutAsync(OtherImage, [], default);
    });

    /// <summary>Two images, of which a tag pointed at the first and now points at the other.</summary>
    public static Task<Snapshot> MovedTagAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [First], default);
        await r.GetRepository(App).Manifests.PutAsync(OtherImage, [First], default);
    });

    /// <summary>The blob without its bytes.</summary>
    public static Task<Snapshot> LostBytesAsync() => Snapshot.TakeAsync(Scenario.DefaultOptions, async (registry, objects) =>
    {
        await registry.GetRepository(App).Blobs.PutAsync(Content, default);
        var name = await objects.ListAsync(TableKeys.ObjectPrefix, default).Select(o => o.Name).SingleAsync();
        await objects.DeleteAsync(name, null, default);
        await registry.GarbageCollector.CollectAsync(Scenario.Patient, null, default);
    });

    /// <summary>An index of the image, without a tag.</summary>
    public static Task<Snapshot> UntaggedIndexAsync(CollectionOptions collection) => AfterAsync(collection, async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [], default);
        await r.GetRepository(App).Manifests.PutAsync(ImageIndex, [], default);
    });

    /// <summary>A referrer, without a tag and without its subject.</summary>
    public static Task<Snapshot> ReferrerAsync(CollectionOptions collection) => AfterAsync(collection, async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Referrer, [], default);
    });

    /// <summary>A repository whose only image was deleted.</summary>
    public static Task<Snapshot> EmptiedRepositoryAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [], default);
        await r.GetRepository(App).Manifests.DeleteAsync(Image.Digest, default);
    });

    /// <summary>Whatever somebody does, seen once by a collector.</summary>
    public static Task<Snapshot> AfterAsync(Func<ContainerRegistry, Task> act) => AfterAsync(Scenario.Patient, act);

    private static Task<Snapshot> AfterAsync(CollectionOptions collection, Func<ContainerRegistry, Task> act) => Snapshot.TakeAsync(Scenario.DefaultOptions, async registry =>
    {
        await registry.DemandWritableAsync(delete: false, default);
        await act(registry);
        await registry.GarbageCollector.CollectAsync(collection, null, default);
    });
}
