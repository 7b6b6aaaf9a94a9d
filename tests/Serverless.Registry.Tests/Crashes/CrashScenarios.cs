using System.Buffers;
using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Crashes;

/// <summary>Every operation that writes more than once, as a client goes through it.</summary>
internal static class CrashScenarios
{
    public const int BlockSize = 64 * 1024;

    private static readonly RepositoryName s_name = RepositoryName.Parse("team/app");
    private static readonly RepositoryName s_other = RepositoryName.Parse("team/base");
    private static readonly byte[] s_small = Content(1000, 1);
    private static readonly byte[] s_large = Content((3 * BlockSize) + 17, 2);

    public static IReadOnlyDictionary<string, Func<CrashScenario>> All { get; } = new Dictionary<string, Func<CrashScenario>>
    {
        ["put a small blob"] = () => PutBlob(s_small, DigestAlgorithm.Sha256),
        ["put a blob of several blocks"] = () => PutBlob(s_large, DigestAlgorithm.Sha256),
        ["put a blob under sha512"] = () => PutBlob(s_large, DigestAlgorithm.Sha512),
        ["put a blob that another repository has"] = () => PutBlob(s_large, DigestAlgorithm.Sha256) with { Prepare = r => PutAsync(r, s_other, s_large) },
        ["upload in one chunk"] = () => Upload(s_large, DigestAlgorithm.Sha256, s_large.Length),
        ["upload in three chunks"] = () => Upload(s_large, DigestAlgorithm.Sha256, 70_000, 140_000, s_large.Length),
        ["upload nothing"] = () => Upload([], DigestAlgorithm.Sha256, 0),
        ["upload and finish under sha512"] = () => Upload(s_large, DigestAlgorithm.Sha512, 70_000, s_large.Length),
        ["upload a blob that another repository has"] = () =>
        {
            var upload = Upload(s_large, DigestAlgorithm.Sha256, s_large.Length);
            return upload with
            {
                Prepare = async r =>
                {
                    await upload.Prepare(r);
                    await PutAsync(r, s_other, s_large);
                },
            };
        },
        ["cancel an upload"] = CancelUpload,
        ["mount a blob"] = Mount,
        ["put a manifest with a tag"] = () => PutManifest(payloadPadding: 0),
        ["put a manifest too large for its row"] = () => PutManifest(payloadPadding: 700 * 1024),
        ["put a referrer"] = PutReferrer,
        ["put an index of more children than a batch holds"] = PutIndex,
        ["move a tag"] = MoveTag,
        ["delete a blob"] = DeleteBlob,
        ["delete a tag"] = DeleteTag,
        ["delete a manifest with its tags"] = DeleteManifest,
        ["remove a repository"] = RemoveRepository,
    };

    private static CrashScenario PutBlob(byte[] content, DigestAlgorithm algorithm)
    {
        var digest = Digest.Compute(algorithm, content);
        return new(_ => Task.CompletedTask, r => r.GetRepository(s_name).Blobs.PutAsync(Body(content), digest, default), r => AssertBlobAsync(r, digest, content));
    }

    private static CrashScenario Upload(byte[] content, DigestAlgorithm algorithm, params int[] ends)
    {
        var digest = Digest.Compute(algorithm, content);
        Guid id = default;
        var state = "";
        return new(
            async r =>
            {
                var upload = await r.GetRepository(s_name).Blobs.StartUploadAsync(default);
                (id, state) = (upload.Id, upload.State);
            },
            async r =>
            {
                var upload = await r.GetRepository(s_name).Blobs.FindUploadAsync(id, state, default);
                // A client that lost an answer asks how far the upload is. If it is being finished, there is nothing left to send.
                if (await SizeAsync(upload!) is { } size)
                {
                    foreach (var end in ends.Where(e => e > size || (e == 0 && size == 0)))
                    {
                        var sent = await upload!.AppendAsync(Body(content[(int)size..end]), end == 0 ? null : new ChunkRange(size, end - 1), default);
                        Assert.Equal(new AppendResult(true, end), sent);
                        size = end;
                    }
                }

                Assert.NotNull(await upload!.CommitAsync(digest, Body([]), null, default));
            },
            r => AssertBlobAsync(r, digest, content));
    }

    private static CrashScenario CancelUpload()
    {
        Guid id = default;
        var state = "";
        var tries = 0;
        return new(
            async r =>
            {
                var upload = await r.GetRepository(s_name).Blobs.StartUploadAsync(default);
                await upload.AppendAsync(Body(s_small), null, default);
                (id, state) = (upload.Id, upload.State);
            },
            async r =>
            {
                var again = tries++ > 0;
                var upload = await r.GetRepository(s_name).Blobs.FindUploadAsync(id, state, default);
                try
                {
                    await upload!.CancelAsync(default);
                }
                catch (RegistryException e) when (again && e.Error == RegistryError.BlobUploadUnknown)
                {
                    // Whoever cancels again after a failure may find it done.
                }
            },
            async r =>
            {
                var upload = await r.GetRepository(s_name).Blobs.FindUploadAsync(id, state, default);
                await Assert.ThrowsAsync<RegistryException>(() => upload!.GetSizeAsync(default));
            });
    }

    private static CrashScenario Mount()
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha256, s_small);
        return new(
            r => PutAsync(r, s_other, s_small),
            async r => Assert.NotNull(await r.GetRepository(s_name).Blobs.MountAsync(digest, s_other, default)),
            r => AssertBlobAsync(r, digest, s_small));
    }

    private static CrashScenario PutManifest(int payloadPadding)
    {
        var manifest = Image(payloadPadding, s_small, s_large);
        return new(
            r => PutAsync(r, s_name, s_small, s_large),
            r => r.GetRepository(s_name).Manifests.PutAsync(manifest, [Tag.Parse("v1"), Tag.Parse("latest")], default),
            async r =>
            {
                await AssertManifestAsync(r, "v1", manifest);
                await AssertManifestAsync(r, "latest", manifest);
                await AssertManifestAsync(r, manifest.Digest.ToString(), manifest);
                Assert.Contains(s_name, await r.ListAsync(default).ToListAsync());
                // A replayed batch must not leave a second move in the history. A client that sends the manifest again makes one.
                Assert.InRange(await r.GetRepository(s_name).Tags.ListHistoryAsync(Tag.Parse("v1"), default).CountAsync(), 1, 2);
            });
    }

    private static CrashScenario PutReferrer()
    {
        var subject = Image(0, s_small);
        var builder = ManifestBuilder.ForImage(Describe(s_small));
        builder.Subject = subject.Descriptor;
        var referrer = builder.Build();
        return new(
            r => PutAsync(r, s_name, s_small),
            r => r.GetRepository(s_name).Manifests.PutAsync(referrer, [], default),
            async r => Assert.Single((await r.GetRepository(s_name).Referrers.ListPageAsync(subject.Digest, null, 10, null, default)).Referrers));
    }

    private static CrashScenario PutIndex()
    {
        var children = Enumerable.Range(0, 150).Select(i => Image(i, s_small)).ToList();
        var builder = ManifestBuilder.ForIndex();
        foreach (var child in children) builder.Append(child.Descriptor);
        var index = builder.Build();
        return new(
            async r =>
            {
                await PutAsync(r, s_name, s_small);
                foreach (var child in children) await r.GetRepository(s_name).Manifests.PutAsync(child, [], default);
            },
            r => r.GetRepository(s_name).Manifests.PutAsync(index, [Tag.Parse("multi")], default),
            r => AssertManifestAsync(r, "multi", index));
    }

    private static CrashScenario RemoveRepository()
    {
        var images = Enumerable.Range(0, 60).Select(i => Image(i, s_small)).ToList();
        var index = ManifestBuilder.ForIndex().Append(images[0].Descriptor).Append(images[1].Descriptor);
        index.Subject = images[2].Descriptor;
        var built = index.Build();
        return new(
            async r =>
            {
                await PutAsync(r, s_name, s_small);
                await PutAsync(r, s_other, s_small);
                foreach (var image in images) await r.GetRepository(s_name).Manifests.PutAsync(image, [Tag.Parse($"t{images.IndexOf(image)}"), Tag.Parse($"u{images.IndexOf(image)}")], default);
                await r.GetRepository(s_name).Manifests.PutAsync(built, [Tag.Parse("multi")], default);
                await r.GetRepository(s_other).Manifests.PutAsync(images[0], [Tag.Parse("kept")], default);
            },
            async r => Assert.True(await r.RemoveAsync(s_name, default)),
            async r =>
            {
                Assert.Empty(await r.GetRepository(s_name).Tags.ListAsync(default).ToListAsync());
                Assert.Empty(await r.GetRepository(s_name).Manifests.ListAsync(default).ToListAsync());
                Assert.Empty((await r.GetRepository(s_name).Referrers.ListPageAsync(images[2].Digest, null, 10, null, default)).Referrers);
                Assert.Single(await r.GetRepository(s_other).Tags.ListAsync(default).ToListAsync());
            });
    }

    private static CrashScenario MoveTag()
    {
        var (first, second) = (Image(0, s_small), Image(1, s_small));
        return new(
            async r =>
            {
                await PutAsync(r, s_name, s_small);
                await r.GetRepository(s_name).Manifests.PutAsync(first, [Tag.Parse("v1")], default);
                await r.GetRepository(s_name).Manifests.PutAsync(second, [], default);
            },
            r => r.GetRepository(s_name).Tags.PutAsync(Tag.Parse("v1"), second.Digest, default),
            r => AssertManifestAsync(r, "v1", second));
    }

    private static CrashScenario DeleteBlob()
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha256, s_small);
        var tries = 0;
        return new(
            async r =>
            {
                await PutAsync(r, s_name, s_small);
                await PutAsync(r, s_other, s_small);
            },
            async r =>
            {
                // As with a tag.
                var again = tries++ > 0;
                Assert.True(await r.GetRepository(s_name).Blobs.DeleteAsync(digest, default) || again);
            },
            async r =>
            {
                Assert.Null(await r.GetRepository(s_name).Blobs.FindAsync(digest, default));
                Assert.NotNull(await r.GetRepository(s_other).Blobs.FindAsync(digest, default));
            });
    }

    private static CrashScenario DeleteTag()
    {
        var image = Image(0, s_small);
        var tag = Tag.Parse("v1");
        var tries = 0;
        return new(
            async r =>
            {
                await PutAsync(r, s_name, s_small);
                await r.GetRepository(s_name).Manifests.PutAsync(image, [tag], default);
            },
            async r =>
            {
                // The first time the tag is there, whatever becomes of the answers. Whoever deletes again after a failure may find it gone.
                var again = tries++ > 0;
                Assert.True(await r.GetRepository(s_name).Tags.DeleteAsync(tag, default) || again);
            },
            async r => Assert.Null(await r.GetRepository(s_name).Tags.FindAsync(tag, default)));
    }

    private static CrashScenario DeleteManifest()
    {
        var (doomed, kept) = (Image(0, s_small), Image(1, s_small));
        var tries = 0;
        var tags = Enumerable.Range(0, 120).Select(i => Tag.Parse($"t{i}")).ToList();
        return new(
            async r =>
            {
                await PutAsync(r, s_name, s_small);
                foreach (var ten in tags.Chunk(10)) await r.GetRepository(s_name).Manifests.PutAsync(doomed, ten, default);
                await r.GetRepository(s_name).Manifests.PutAsync(kept, [Tag.Parse("kept")], default);
            },
            async r =>
            {
                var again = tries++ > 0;
                Assert.True(await r.GetRepository(s_name).Manifests.DeleteAsync(doomed.Digest, default) || again);
            },
            async r =>
            {
                Assert.Equal(["kept"], (await r.GetRepository(s_name).Tags.ListAsync(default).ToListAsync()).Select(t => t.ToString()));
                Assert.Null(await r.GetRepository(s_name).Manifests.FindAsync(new Reference(doomed.Digest), default));
                await AssertManifestAsync(r, "kept", kept);
            });
    }

    private static async Task<long?> SizeAsync(BlobUpload upload)
    {
        try
        {
            return await upload.GetSizeAsync(default);
        }
        catch (RegistryException e) when (e.Error == RegistryError.BlobUploadUnknown)
        {
            return null;
        }
    }

    private static async Task AssertBlobAsync(ContainerRegistry registry, Digest digest, byte[] content)
    {
        var blob = await registry.GetRepository(s_name).Blobs.FindAsync(digest, default);
        Assert.Equal(content, await blob!.GetBytesAsync(default));
    }

    private static async Task AssertManifestAsync(ContainerRegistry registry, string reference, Manifest manifest)
    {
        var stored = await registry.GetRepository(s_name).Manifests.GetAsync(Reference.Parse(reference), default);
        Assert.Equal(manifest.Payload.ToArray(), stored!.Payload.ToArray());
    }

    private static async Task PutAsync(ContainerRegistry registry, RepositoryName name, params byte[][] blobs)
    {
        foreach (var blob in blobs) await registry.GetRepository(name).Blobs.PutAsync(blob, default);
    }

    private static Manifest Image(int padding, params byte[][] layers)
    {
        var builder = ManifestBuilder.ForImage(Describe(s_small));
        foreach (var layer in layers) builder.Append(Describe(layer));
        builder.Annotations["padding"] = new string('x', padding);
        return builder.Build();
    }

    private static Descriptor Describe(byte[] content) => new(MediaTypes.OciLayerGzip, Digest.Compute(DigestAlgorithm.Sha256, content), content.Length);

    private static PipeReader Body(byte[] content) => PipeReader.Create(new ReadOnlySequence<byte>(content));

    private static byte[] Content(int length, int seed)
    {
        var content = new byte[length];
        for (var i = 0; i < length; i++) content[i] = (byte)((i * 31) + (i >> 8) + seed);
        return content;
    }
}
