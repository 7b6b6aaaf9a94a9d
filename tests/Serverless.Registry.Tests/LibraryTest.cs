using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;

namespace Serverless.Registry.Tests;

/// <summary>A registry without HTTP, as somebody uses it who builds another one on the library.</summary>
public abstract class LibraryTest
{
    protected LibraryTest()
    {
        (Tables, Objects) = (new InMemoryTableStore(Time), new InMemoryObjectStore(Time, new Uri("http://127.0.0.1/objects")));
        Registry = NewInstance(new RegistryOptions { BlockSize = 64 * 1024 });
        Repository = Registry.GetRepository(RepositoryName.Parse("team/app"), ChangeOrigin.Of("somebody"));
    }

    protected FakeTimeProvider Time { get; } = new();

    protected InMemoryTableStore Tables { get; }

    protected InMemoryObjectStore Objects { get; }

    protected ContainerRegistry Registry { get; }

    protected Repository Repository { get; }

    protected ContainerRegistry NewInstance(RegistryOptions options) => new(Tables, Objects, options, Time);

    protected static PipeReader Body(byte[] content) => PipeReader.Create(new ReadOnlySequence<byte>(content));

    protected static async Task<Manifest> PushImageAsync(Repository repository, int seed, params Tag[] tags)
    {
        var config = await repository.Blobs.PutAsync(Any.Content(50, seed), default);
        var layer = await repository.Blobs.PutAsync(Any.Content(500, seed), default);
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(layer with { MediaType = MediaTypes.OciLayerGzip }).Build();
        await repository.Manifests.PutAsync(image, tags, default);
        return image;
    }
}
