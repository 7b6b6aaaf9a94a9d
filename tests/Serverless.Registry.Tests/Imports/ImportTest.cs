using System.Text;
using Serverless.Registry.Copying;
using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Copying;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Imports;

/// <summary>A test of imports from one registry in memory into another.</summary>
public abstract class ImportTest
{
    private protected const int PartSize = 2 * BlockSize;

    private protected TestRegistry There { get; } = new();

    private protected TestRegistry Here { get; } = new();

    private protected FakeImports Sources { get; }

    protected ImportTest() => Sources = new FakeImports(There.Repository);

    private protected Repository Target => Here.Open("in/app");

    private protected ImportStore Store => Here.Registry.Imports;

    private protected ImportRun Run(ContainerRegistry? instance = null)
    {
        var run = (instance ?? Here.Registry).RunImports(Sources);
        run.PartSize = PartSize;
        return run;
    }

    private protected static ImportRequest Request(string? reference = "v1", string target = "in/app", string? tag = "v1", params string[] tags) => new()
    {
        Source = "there.example/team/app" + (reference is null ? "" : ":" + reference),
        Reference = reference is null ? null : By(reference),
        Target = RepositoryName.Parse(target),
        Tag = tag is null ? null : Tag.Parse(tag),
        Tags = tags,
    };

    private protected async Task<string> AskAsync(ImportRequest? request = null, string? credentials = null, string? owner = "ann") =>
        (await Store.AddAsync(request ?? Request(), owner, credentials is null ? null : Utf8(credentials), 100, default)).Import.Id;

    private protected async Task<Import> FindAsync(string id)
    {
        var import = await Store.FindAsync(id, default);
        Assert.NotNull(import);
        return import;
    }

    private protected async Task<Import> AssertAsync(string id, ImportState state)
    {
        var import = await FindAsync(id);
        Assert.True(state == import.State, $"{import.State}: {import.Reason}");
        return import;
    }

    /// <summary>An image with a large layer of these bytes.</summary>
    private protected async Task<(Manifest Image, Digest Layer)> PushLargeAsync(string tag, byte[] layer)
    {
        var pushed = await There.Repository.Blobs.PutAsync(layer, default);
        var image = await BuildImageAsync(There.Repository, "large " + tag, b => b.Append(pushed with { MediaType = MediaTypes.OciLayerGzip }));
        await There.Repository.Manifests.PutAsync(image, TagsOf(tag), default);
        return (image, pushed.Digest);
    }

    private protected async Task AssertImportedAsync(Manifest image, string tag)
    {
        Assert.Equal(image.Payload.ToArray(), (await Target.Manifests.GetAsync(By(tag), default))!.Payload.ToArray());
        foreach (var blob in image.Content.Blobs) Assert.Equal(await ReadAsync(There.Repository, blob.Digest), await ReadAsync(Target, blob.Digest));
    }

    private protected Task<List<TableRow>> RowsAsync(string prefix = "") =>
        ListAsync(Here.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.ImportPartition, prefix), default));
}

/// <summary>Where imports come from: a repository of another registry in memory, whose answers a test may change.</summary>
internal sealed class FakeImports(Repository repository) : IImportSources, IImageSource, IDisposable
{
    /// <summary>The repository as it is, or as a test wants it to seem.</summary>
    public FakeSource Source { get; } = new(repository);

    /// <summary>Blobs that were opened, and from which byte on.</summary>
    public List<(Digest Digest, long Offset)> Opened { get; } = [];

    /// <summary>What the last import was opened with.</summary>
    public string? Credentials { get; private set; }

    /// <summary>Those who may not sign in any more.</summary>
    public HashSet<string> Gone { get; } = [];

    /// <summary>Makes of a blob's bytes, from a place on, what is sent.</summary>
    public Func<byte[], Stream> Send { get; set; } = static bytes => new MemoryStream(bytes);

    public OpenSource Open(ImportRequest request, byte[]? credentials)
    {
        Credentials = credentials is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        return new OpenSource(this, this);
    }

    public ValueTask<bool> StandsAsync(string? owner, CancellationToken cancellationToken) => ValueTask.FromResult(owner is null || !Gone.Contains(owner));

    public Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken) => Source.FindManifestAsync(reference, cancellationToken);

    public async Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        lock (Opened) Opened.Add((blob.Digest, offset));
        var found = await repository.Blobs.FindAsync(blob.Digest, cancellationToken);
        return found is null ? null : Send((await found.GetBytesAsync(cancellationToken))[(int)offset..]);
    }

    public IAsyncEnumerable<Tag> ListTagsAsync(CancellationToken cancellationToken) => Source.ListTagsAsync(cancellationToken);

    public IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) => Source.ListReferrersAsync(subject, cancellationToken);

    public void Dispose()
    {
    }
}
