using System.Buffers;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>A registry with one image, old enough for everything to be judged, in which something is broken on purpose.</summary>
public abstract class VerifyTest : IAsyncLifetime
{
    private protected static readonly VerifyOptions Look = new() { DeleteOrphans = false };
    private protected static readonly VerifyOptions Repair = new() { Repair = true };
    private protected static readonly VerifyOptions Rehash = Look with { RehashDigests = true };

    private protected TestRegistry Test { get; } = new(maxPageSize: 3);

    private protected Repository Repository => Test.Repository;

    private protected RepositoryName Name => Repository.Name;

    private protected Manifest Image { get; private set; } = null!;

    private protected Digest Layer => Image.Content.Blobs[1].Digest;

    public async Task InitializeAsync()
    {
        Image = await TestRegistry.PushImageAsync(Repository, "1", "v1");
        Wait();
        await UnqueueAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>As long as bytes may be of use that no row names, and a little more.</summary>
    protected void Wait() => Test.Time.Advance(Test.Options.Grace + Test.Options.UploadLifetime + TimeSpan.FromSeconds(1));

    /// <summary>The collector has looked at the repository and is not about to do so again.</summary>
    private protected Task UnqueueAsync() => DropAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(Name));

    private protected Task<List<VerifyFinding>> VerifyAsync(VerifyOptions options) => VerifyAsync(Test.Registry, options);

    private protected static async Task<List<VerifyFinding>> VerifyAsync(ContainerRegistry registry, VerifyOptions options)
    {
        List<VerifyFinding> findings = [];
        var summary = await registry.Verifier.RunAsync(options, findings.Add, default);
        Assert.Equal(findings.CountBy(f => f.Kind).ToDictionary(), summary.Findings);
        Assert.Equal(findings.Count(f => f.Repaired), summary.Repaired);
        return findings;
    }

    /// <summary>Asserts that there is one finding, that only a repair changes anything, and that after it there is nothing to find.</summary>
    private protected async Task<VerifyFinding> AssertHealsAsync(VerifyKind kind)
    {
        var finding = await AssertFoundAsync(kind, Look);
        Assert.Equal(finding with { Repaired = true }, Assert.Single(await VerifyAsync(Repair)));
        Assert.Empty(await VerifyAsync(Repair));
        return finding;
    }

    /// <summary>Asserts that there is one finding, and that it is there still after a repair.</summary>
    private protected async Task<VerifyFinding> AssertStaysAsync(VerifyKind kind, bool rehash = false)
    {
        var finding = await AssertFoundAsync(kind, Look with { RehashDigests = rehash });
        Assert.Equal(finding, await AssertFoundAsync(kind, Repair with { RehashDigests = rehash }));
        Assert.Equal(finding, await AssertFoundAsync(kind, Look with { RehashDigests = rehash }));
        return finding;
    }

    private protected async Task<VerifyFinding> AssertFoundAsync(VerifyKind kind, VerifyOptions options)
    {
        var finding = Assert.Single(await VerifyAsync(options));
        Assert.Equal((kind, false), (finding.Kind, finding.Repaired));
        return finding;
    }

    private protected Task<TableRow?> FindAsync(string table, RowKey key) => Test.Tables.FindAsync(table, key, default);

    private protected async Task DropAsync(string table, RowKey key) => await Test.Tables.WriteAsync(table, new RowWrite.Delete(key, "*"), default);

    /// <summary>Writes a row as it was read, with one property changed.</summary>
    private protected async Task ChangeAsync(string table, RowKey key, string property, object value)
    {
        var row = await FindAsync(table, key);
        var properties = new Dictionary<string, object>(row!.Properties) { [property] = value };
        await Test.Tables.WriteAsync(table, new RowWrite.Upsert(key, properties), default);
    }

    private protected Task InsertAsync(string table, RowKey key, params (string Name, object Value)[] properties) =>
        Test.Tables.WriteAsync(table, new RowWrite.Insert(key, properties.ToDictionary(p => p.Name, p => p.Value)), default);

    private protected Task<WriteOutcome> PutObjectAsync(string name, string content) =>
        Test.Objects.PutAsync(name, new ReadOnlySequence<byte>(TestRegistry.Utf8(content)), default);

    /// <summary>Deletes the bytes of a blob in storage, or leaves a few of them.</summary>
    /// <returns>Where they were.</returns>
    private protected async Task<string> LoseAsync(Digest digest, bool cutShort = false)
    {
        var location = await LocationAsync(digest);
        await Test.Objects.DeleteAsync(location, null, default);
        if (cutShort) await PutObjectAsync(location, "x");
        return location;
    }

    /// <summary>Another instance, on a store of its own that tests watch.</summary>
    private protected ContainerRegistry NewInstance(ITableStore? tables = null, IObjectStore? objects = null) =>
        new(tables ?? Test.Tables, objects ?? Test.Objects, Test.Options, Test.Time);

    private protected async Task<string> LocationAsync(Digest digest) => (await FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest)))!.GetString("location");
}
