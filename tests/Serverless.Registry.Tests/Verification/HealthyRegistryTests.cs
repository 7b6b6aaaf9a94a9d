using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Whatever clients, retention and the collector do to a registry, there is nothing to find.</summary>
public sealed class HealthyRegistryTests : VerifyTest
{
    [Fact]
    public async Task Nothing_is_found_after_pushes_deletes_and_collections()
    {
        await PushAllKindsAsync();
        await AssertHealthyAsync();
        Wait();
        await AssertHealthyAsync();

        await Repository.Manifests.DeleteAsync(Image.Digest, default);
        await Repository.Tags.DeleteAsync(Tag.Parse("index"), default);
        await Test.Registry.Retention.ApplyAsync([new RetentionRule { KeepNewest = 1 }], false, null, default);
        await Test.Registry.RemoveAsync(RepositoryName.Parse("other"), default);
        var abandoned = await Repository.Blobs.PutAsync(Utf8("abandoned"), default);
        await Repository.Blobs.DeleteAsync(abandoned.Digest, default);
        for (var run = 0; run < 6; run++)
        {
            await AssertHealthyAsync();
            Test.Time.Advance(Test.Options.Grace + TimeSpan.FromSeconds(1));
            await AssertHealthyAsync();
            await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions { DeleteUntagged = true, UntaggedAge = Test.Options.Grace }, null, default);
        }

        await AssertHealthyAsync();
        Assert.True((await Test.Registry.Verifier.RunAsync(Look, null, default)).Manifests > 0);
    }

    [Fact]
    public async Task An_empty_registry_has_nothing_to_find() => Assert.Empty(await VerifyAsync(new TestRegistry().Registry, Repair));

    [Fact]
    public async Task The_summary_counts_what_was_looked_at()
    {
        await PushImageAsync(Test.Open("other"), "1", "a", "b");
        var summary = await Test.Registry.Verifier.RunAsync(Rehash, null, default);
        Assert.Equal((2L, 2L, 4L, 2L, 2L, 3L), (summary.Objects, summary.Blobs, summary.Links, summary.Repositories, summary.Manifests, summary.Tags));
        Assert.Equal(Image.Content.Blobs.Sum(b => b.Size) + (5 * Image.Payload.Length), summary.HashedBytes);
        Assert.Empty(summary.Findings);
    }

    [Fact]
    public async Task What_need_not_be_there_is_not_missed()
    {
        var urls = new[] { "https://example.com/layer" };
        var elsewhere = new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Sha256Of(Utf8("elsewhere")), 9) { Urls = urls };
        var image = await BuildImageAsync(Repository, "2", b => b.Append(elsewhere));
        await Repository.Manifests.PutAsync(image, TagsOf("v2"), default);
        await AssertHealthyAsync();
    }

    [Fact]
    public async Task Children_that_the_operator_does_not_demand_are_not_missed()
    {
        var registry = new ContainerRegistry(
            Test.Tables, Test.Objects, Test.Options with { ManifestRules = new ManifestRules { RequiredPlatforms = RequiredPlatforms.None } }, Test.Time);
        var child = new Descriptor(MediaTypes.OciManifest, Sha256Of(Utf8("not here")), 9);
        await registry.GetRepository(Name).Manifests.PutAsync(ManifestBuilder.ForIndex().Append(child).Build(), TagsOf("index"), default);
        Assert.Empty(await VerifyAsync(registry, Repair));
    }

    [Fact]
    public async Task Layers_that_the_operator_does_not_demand_are_not_missed_and_the_config_is()
    {
        var registry = new ContainerRegistry(Test.Tables, Test.Objects, Test.Options with { ManifestRules = new ManifestRules { RequiredLayers = RequiredLayers.None } }, Test.Time);
        var layer = new Descriptor(MediaTypes.OciLayerGzip, Sha256Of(Utf8("not here")), 9);
        await registry.GetRepository(Name).Manifests.PutAsync(await BuildImageAsync(Repository, "sparse", b => b.Append(layer)), TagsOf("sparse"), default);
        Assert.Empty(await VerifyAsync(registry, Repair));
        // For whoever demands them they are missing.
        Assert.Equal([VerifyKind.ManifestWithoutBlob], (await VerifyAsync(Test.Registry, Look)).Select(f => f.Kind));
    }

    [Fact]
    public async Task Blobs_are_hashed_in_pieces()
    {
        await Repository.Blobs.PutAsync(Body(Any.Content(3 * 1024 * 1024)), null, default);
        var objects = new InterruptedObjectStore(Test.Objects);
        var summary = await new ContainerRegistry(Test.Tables, objects, Test.Options, Test.Time).Verifier.RunAsync(Rehash, null, default);
        Assert.True(summary.HashedBytes > 3 * 1024 * 1024);
        Assert.InRange(objects.LargestRead, 1, 128 * 1024);
    }

    /// <summary>An index with a child, a referrer, a manifest whose content is a blob, a mount, SHA-512, uploads in every state.</summary>
    private async Task PushAllKindsAsync()
    {
        var child = await PushImageAsync(Repository, "child");
        await Repository.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(child.Descriptor).Build(), TagsOf("index"), default);
        await Repository.Manifests.PutAsync(await BuildImageAsync(Repository, "signature", b => b.Subject = Image.Descriptor), [], default);
        var small = await BuildImageAsync(Repository, "large");
        byte[] padded = [.. small.Payload.Span, .. Enumerable.Repeat((byte)'\n', 700 * 1024)];
        await Repository.Manifests.PutAsync(ManifestTypes.Default.Parse(null, padded), TagsOf("large"), default);

        var other = Test.Open("other");
        Assert.NotNull(await other.Blobs.MountAsync(Layer, Name, default));
        await PushImageAsync(other, "1", "v1");
        var long512 = Digest.Compute(DigestAlgorithm.Sha512, Utf8("long"));
        await Repository.Blobs.PutAsync(Body(Utf8("long")), long512, default);

        var open = await Repository.Blobs.StartUploadAsync(default);
        await open.AppendAsync(Body(Any.Content(3 * BlockSize)), null, default);
        var cancelled = await Repository.Blobs.StartUploadAsync(default);
        await cancelled.AppendAsync(Body(Any.Content(BlockSize)), null, default);
        await cancelled.CancelAsync(default);
        var finished = await Repository.Blobs.StartUploadAsync(default);
        await finished.AppendAsync(Body(Any.Content(2 * BlockSize, 7)), null, default);
        await finished.CommitAsync(Sha256Of(Any.Content(2 * BlockSize, 7)), Body([]), null, default);
    }

    private async Task AssertHealthyAsync()
    {
        Assert.Empty(await VerifyAsync(Look));
        Assert.Empty(await VerifyAsync(Repair with { RehashDigests = true }));
    }
}
