using Serverless.Registry.GarbageCollection;
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
        await r.GetRepository(App).Manifests.PutAsync(Image, [], null, default);
    });

    /// <summary>The image under a tag, and another one.</summary>
    public static Task<Snapshot> TaggedImagesAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [First], null, default);
        await r.GetRepository(App).Manifests.PutAsync(OtherImage, [], null, default);
    });

    /// <summary>An index of the image, without a tag.</summary>
    public static Task<Snapshot> UntaggedIndexAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [], null, default);
        await r.GetRepository(App).Manifests.PutAsync(ImageIndex, [], null, default);
    });

    /// <summary>A referrer, without a tag and without its subject.</summary>
    public static Task<Snapshot> ReferrerAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Referrer, [], null, default);
    });

    /// <summary>A repository whose only image was deleted.</summary>
    public static Task<Snapshot> EmptiedRepositoryAsync() => AfterAsync(async r =>
    {
        await r.GetRepository(App).Blobs.PutAsync(Content, default);
        await r.GetRepository(App).Manifests.PutAsync(Image, [], null, default);
        await r.GetRepository(App).Manifests.DeleteAsync(Image.Digest, default);
    });

    /// <summary>Whatever somebody does, seen once by a collector.</summary>
    public static Task<Snapshot> AfterAsync(Func<ContainerRegistry, Task> act) => Snapshot.TakeAsync(Scenario.DefaultOptions, async registry =>
    {
        await act(registry);
        await registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
    });
}
