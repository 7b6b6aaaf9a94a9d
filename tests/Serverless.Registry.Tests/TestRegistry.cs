using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests;

/// <summary>A registry on stores in memory, with a clock that is moved by hand, and what tests push to it.</summary>
internal sealed class TestRegistry
{
    public const int BlockSize = 64 * 1024;

    public TestRegistry(RegistryOptions? options = null, int maxPageSize = 1000)
        : this(options, time => (new InMemoryTableStore(time) { MaxPageSize = maxPageSize }, new InMemoryObjectStore(time, new Uri("http://127.0.0.1/objects"))))
    {
    }

    /// <param name="options">The registry's; null: the defaults, and small blocks.</param>
    /// <param name="open">Opens other stores, with the clock that dates them.</param>
    public TestRegistry(RegistryOptions? options, Func<TimeProvider, (ITableStore Tables, IObjectStore Objects)> open)
    {
        Options = options ?? new RegistryOptions { BlockSize = BlockSize };
        (Tables, Objects) = open(Time);
        Registry = NewInstance();
    }

    public FakeTimeProvider Time { get; } = new();

    public RegistryOptions Options { get; }

    public ITableStore Tables { get; }

    public IObjectStore Objects { get; }

    public ContainerRegistry Registry { get; }

    /// <summary>The repository that most tests use.</summary>
    public Repository Repository => Open("team/app");

    /// <summary>Another instance on the same stores.</summary>
    public ContainerRegistry NewInstance() => new(Tables, Objects, Options, Time);

    public Repository Open(string name) => Registry.GetRepository(RepositoryName.Parse(name));

    /// <summary>Names of the objects that are there.</summary>
    public Task<List<string>> ObjectNamesAsync() => ListAsync(Objects.ListAsync(TableKeys.ObjectPrefix, default).Select(o => o.Name));

    /// <summary>An image of one config and one layer, both pushed; nothing is yet pushed of the manifest itself.</summary>
    public static async Task<Manifest> BuildImageAsync(Repository repository, string seed, Action<ManifestBuilder>? change = null)
    {
        var config = await repository.Blobs.PutAsync(Utf8($"{{\"seed\":\"{seed}\"}}"), default);
        var layer = await repository.Blobs.PutAsync(Utf8("layer " + seed), default);
        var builder = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(layer with { MediaType = MediaTypes.OciLayerGzip });
        change?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Pushes an image under tags.</summary>
    public static async Task<Manifest> PushImageAsync(Repository repository, string seed, params string[] tags)
    {
        var manifest = await BuildImageAsync(repository, seed);
        await repository.Manifests.PutAsync(manifest, TagsOf(tags), default);
        return manifest;
    }

    public static List<Tag> TagsOf(params string[] tags) => [.. tags.Select(t => Tag.Parse(t))];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static PipeReader Body(byte[] content) => PipeReader.Create(new ReadOnlySequence<byte>(content));

    public static Digest Sha256Of(byte[] content) => Digest.Compute(DigestAlgorithm.Sha256, content);

    public static Reference By(Digest digest) => new(digest);

    public static Reference By(string tag) => new(Tag.Parse(tag));

    public static Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items) => items.ToListAsync().AsTask();

    public static async Task<byte[]> ReadAsync(Repository repository, Digest digest)
    {
        var blob = await repository.Blobs.FindAsync(digest, default);
        Assert.NotNull(blob);
        return await ReadAsync(blob, 0, null);
    }

    public static async Task<byte[]> ReadAsync(Blob blob, long offset, long? length)
    {
        await using var stream = await blob.OpenAsync(offset, length, default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    /// <summary>Asserts that a call is refused.</summary>
    public static async Task<RegistryException> AssertRefusedAsync(RegistryError error, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<RegistryException>(call);
        Assert.Equal(error, refusal.Error);
        return refusal;
    }

    /// <summary>The digests that a refusal names.</summary>
    public static IEnumerable<string> DigestsIn(RegistryException refusal) =>
        Assert.IsType<Dictionary<string, string>[]>(refusal.Detail).Select(d => d["digest"]);
}
