using System.IO.Pipelines;
using System.Text;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests;

/// <summary>A registry used as a library, from the first push to a pull.</summary>
public sealed class LibraryTests
{
    [Fact]
    public async Task An_image_is_pushed_and_pulled_without_HTTP()
    {
        var time = TimeProvider.System;
        var registry = new ContainerRegistry(new InMemoryTableStore(time), new InMemoryObjectStore(time), new RegistryOptions(), time);
        var app = registry.GetRepository(RepositoryName.Parse("team/app"));

        // Blobs first: a small one from memory, a larger one in chunks.
        var config = await app.Blobs.PutAsync("{}"u8.ToArray(), default);
        var content = Encoding.UTF8.GetBytes("a layer");
        var upload = await app.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(PipeReader.Create(new MemoryStream(content)), range: null, default);
        var layer = await upload.CommitAsync(Digest.Compute(DigestAlgorithm.Sha256, content), PipeReader.Create(Stream.Null), range: null, default);

        // Then the manifest that names them, and a tag for it.
        var manifest = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig })
            .Append(layer! with { MediaType = MediaTypes.OciLayerGzip })
            .Build();
        await app.Manifests.PutAsync(manifest, [Tag.Parse("v1")], default);

        // And back.
        var stored = await app.Manifests.GetAsync(new Reference(Tag.Parse("v1")), default);
        using var pulled = new MemoryStream();
        foreach (var descriptor in stored!.Parse(registry.Options.ManifestTypes).References)
        {
            var blob = await app.Blobs.FindAsync(descriptor.Digest, default);
            await using var stream = await blob!.OpenAsync(0, null, default);
            await stream.CopyToAsync(pulled);
        }

        Assert.Equal(manifest.Digest, stored.Digest);
        Assert.Equal("{}a layer", Encoding.UTF8.GetString(pulled.ToArray()));
    }
}
