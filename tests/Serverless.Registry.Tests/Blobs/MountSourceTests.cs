using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Blobs;

/// <summary>A blob that very many repositories link to, and a client that names no source.</summary>
public sealed class MountSourceTests : IAsyncLifetime
{
    private static readonly RepositoryName s_target = RepositoryName.Parse("team/new");

    private readonly TestRegistry _test = new();
    private readonly StorageProbe _probe = new();
    private Digest _digest;

    public async Task InitializeAsync()
    {
        _digest = (await _test.Open("zz/base").Blobs.PutAsync(TestRegistry.Utf8("popular"), default)).Digest;
        await LinkAsync("team/app", "mine/app", "zz/base-b");
        await LinkAsync([.. Enumerable.Range(0, 5000).Select(i => $"other/app{i:d4}")]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("zz/base", "zz/base:pull")]
    [InlineData("zz/base", "none/such:pull", "zz/base:pull", "team/new:pull,push")]
    [InlineData("team/app", "team/*:pull,push")]
    [InlineData("zz/base", "zz/*:pull")]
    [InlineData("zz/base-b", "zz/base-*:pull")]
    [InlineData("mine/app", "*:*")]
    [InlineData("team/app", "*:*", "team/*:pull")]
    [InlineData(null, "team/*:push", "zz/base:push,delete")]
    [InlineData(null)]
    [InlineData(null, "no/*:pull", "zz/bas:pull", "registry:catalog:*")]
    public async Task One_is_found_that_the_rights_lead_to_in_few_calls(string? expected, params string[] rules)
    {
        Assert.Equal(expected, await FindAsync(rules));
        Assert.InRange(_probe.Counts.Table, 0, 3);
    }

    [Fact]
    public async Task Links_are_not_walked()
    {
        // Hidden behind 5,000 others for whoever may not read them, by a pattern that begins with anything.
        Assert.Null(await FindAsync("*/base:pull"));
        Assert.InRange(_probe.Counts.Table, 1, 2);
        string[] rules = [.. Enumerable.Range(0, 100).Select(i => $"x{i}/*z:pull"), .. Enumerable.Range(0, 100).Select(i => $"x{i}/app:pull"), "*/base:pull"];
        Assert.Null(await FindAsync(rules));
        Assert.InRange(_probe.Counts.Table, 1, 24);
    }

    [Fact]
    public async Task The_repository_itself_is_asked_first()
    {
        await LinkAsync("team/new");
        Assert.Equal("team/new", await FindAsync("*:*"));
        Assert.Equal((1, 0), _probe.Counts);
        Assert.Equal("zz/base", await FindAsync("zz/base:pull", "team/new:push"));
    }

    private async Task<string?> FindAsync(params string[] rules)
    {
        _probe.Reset();
        var stores = _probe.Watch((_test.Tables, _test.Objects));
        var blobs = new ContainerRegistry(stores.Tables, stores.Objects, _test.Options, _test.Time).GetRepository(s_target).Blobs;
        var found = await blobs.FindSourceAsync(_digest, new AccessRights(rules.Select(r => AccessRule.Parse(r))), default);
        return found?.ToString();
    }

    private async Task LinkAsync(params string[] names)
    {
        foreach (var batch in names.Chunk(TableLimits.BatchCount))
        {
            Assert.True((await _test.Tables.WriteAsync(TableKeys.BlobsTable, [.. batch.Select(n => RowWrite.Note(TableKeys.Link(_digest, RepositoryName.Parse(n))))], default)).Done);
        }
    }
}
