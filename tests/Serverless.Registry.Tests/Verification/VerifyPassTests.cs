using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Registries with more than is held in memory at a time.</summary>
public sealed class VerifyPassTests : VerifyTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(17)]
    public async Task Passes_find_what_one_pass_finds_and_each_thing_once(int most)
    {
        await BreakAsync();
        var (whole, counted) = await RunAsync(Rehash);
        Assert.Equal(8, whole.Select(f => f.Kind).Distinct().Count());
        var (findings, summary) = await RunAsync(Rehash with { MostAtOnce = most });
        AssertSame(whole, findings);
        Assert.Equal(
            (counted.Objects, counted.Blobs, counted.Links, counted.Repositories, counted.Manifests, counted.Tags, counted.HashedBytes),
            (summary.Objects, summary.Blobs, summary.Links, summary.Repositories, summary.Manifests, summary.Tags, summary.HashedBytes));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Passes_in_pieces_find_what_one_pass_finds_and_each_thing_once(int most)
    {
        await BreakAsync();
        var (whole, counted) = await RunAsync(Rehash);
        foreach (var length in (int[])[1, 2, 3, 7])
        {
            List<VerifyFinding> findings = [];
            string? cursor = null;
            long hashed = 0;
            for (var (runs, ended) = (0, false); !ended; runs++)
            {
                Assert.InRange(runs, 0, 500);
                var left = length;
                try
                {
                    var summary = await Test.Registry.Verifier.RunAsync(Rehash with { MostAtOnce = most }, findings.Add, new WalkCursor(cursor, (reached, _) =>
                    {
                        cursor = reached;
                        return --left > 0 ? Task.CompletedTask : throw new OperationCanceledException();
                    }), default);
                    hashed = summary.HashedBytes;
                    ended = true;
                }
                catch (OperationCanceledException)
                {
                    Assert.NotNull(cursor);
                }
            }

            AssertSame(whole, findings);
            Assert.InRange(hashed, 0, counted.HashedBytes - 1);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(200_000)]
    public async Task Orphans_of_every_pass_go_and_what_is_in_use_stays(int most)
    {
        for (var i = 0; i < 20; i++) await TestRegistry.PushImageAsync(Test.Open($"r{i}"), $"{i}", "v1");
        var upload = await Test.Open("zz").Blobs.StartUploadAsync(default);
        await upload.AppendAsync(TestRegistry.Body(TestRegistry.Utf8("part")), null, default);
        var used = await Test.ObjectNamesAsync();
        for (var i = 0; i < 20; i++) await PutObjectAsync(TableKeys.NewObjectName(), $"orphan {i}");
        Wait();
        var (findings, summary) = await RunAsync(new VerifyOptions { MostAtOnce = most });
        Assert.Equal(20, findings.Count(f => f is { Kind: VerifyKind.OrphanBytes, Repaired: true }));
        Assert.True(summary.IsComplete);
        Assert.Equal(used.Order(), (await Test.ObjectNamesAsync()).Order());
    }

    [Fact]
    public async Task What_cannot_be_read_in_the_last_repository_keeps_the_bytes_of_the_first_pass()
    {
        for (var i = 0; i < 5; i++) await TestRegistry.PushImageAsync(Test.Open($"r{i}"), $"{i}", "v1");
        var image = await TestRegistry.PushImageAsync(Test.Open("zz"), "zz", "v1");
        await PutObjectAsync("data/00/00orphan", "orphan");
        await PutObjectAsync("data/ff/fforphan", "orphan");
        Wait();
        var key = TableKeys.Manifest(RepositoryName.Parse("zz"), image.Digest);
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(key, new Dictionary<string, object> { ["mediaType"] = image.MediaType, ["size"] = 8L, ["payload"] = "nonsense"u8.ToArray() }), default);
        Wait();
        foreach (var most in (int[])[2, 200_000])
        {
            var (findings, summary) = await RunAsync(new VerifyOptions { MostAtOnce = most });
            Assert.Equal(2, findings.Count(f => f is { Kind: VerifyKind.OrphanBytes, Repaired: false }));
            Assert.Single(findings, f => f.Kind == VerifyKind.Unreadable);
            Assert.False(summary.IsComplete);
        }
    }

    [Fact]
    public async Task What_fits_is_one_pass_of_as_many_calls_as_ever()
    {
        var test = new TestRegistry();
        for (var i = 0; i < 30; i++) await TestRegistry.PushImageAsync(test.Open($"r{i}"), $"{i}", "v1", "v2");
        var probe = new StorageProbe();
        var stores = probe.Watch((test.Tables, test.Objects));
        var registry = new ContainerRegistry(stores.Tables, stores.Objects, test.Options, test.Time);
        foreach (var (most, tables) in ((int, int)[])[(200_000, 3), (60, 3), (59, 6)])
        {
            probe.Reset();
            var summary = await registry.Verifier.RunAsync(new VerifyOptions { MostAtOnce = most }, null, default);
            Assert.Equal((60, 60, 30), (summary.Objects, summary.Links, summary.Repositories));
            if (most >= 60) Assert.Equal((tables, 2), probe.Counts);
            else Assert.InRange(probe.Counts.Table, tables, 20);
        }
    }

    private async Task<(List<VerifyFinding> Findings, VerifySummary Summary)> RunAsync(VerifyOptions options)
    {
        List<VerifyFinding> findings = [];
        var summary = await Test.Registry.Verifier.RunAsync(options, findings.Add, default);
        return (findings, summary);
    }

    private static void AssertSame(List<VerifyFinding> expected, List<VerifyFinding> actual) =>
        Assert.Equal(expected.Select(f => f.ToString()).Order(StringComparer.Ordinal), actual.Select(f => f.ToString()).Order(StringComparer.Ordinal));

    /// <summary>Breaks something of each kind, in several repositories, large and small.</summary>
    private async Task BreakAsync()
    {
        foreach (var name in (string[])["a", "team/beta", "z"]) await TestRegistry.PushImageAsync(Test.Open(name), name, "v1");
        for (var i = 0; i < 6; i++) await TestRegistry.PushImageAsync(Test.Open("large"), $"large {i}", $"v{i}");
        var outer = ManifestBuilder.ForIndex();
        foreach (var child in await TestRegistry.ListAsync(Test.Open("large").Manifests.ListAsync(default))) outer.Append(child);
        var index = outer.Build();
        await Test.Open("large").Manifests.PutAsync(index, TestRegistry.TagsOf("index"), default);
        await PutObjectAsync("data/aa/aa00", "orphan");
        await PutObjectAsync("data/aa/aa01", "orphan");
        await PutObjectAsync("data/ff/ff02", "orphan");
        Wait();
        foreach (var name in (string[])["a", "team/beta", "z", "large"]) await DropAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(RepositoryName.Parse(name)));
        await Test.Objects.DeleteAsync(await LocationAsync(Layer), null, default);
        await DropAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, Layer));
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Hint(RepositoryName.Parse("z"), Image.Digest));
        await InsertAsync(TableKeys.BlobsTable, TableKeys.Link(TestRegistry.Sha256Of("gone"u8.ToArray()), RepositoryName.Parse("b")), ("size", 4L), ("location", "data/aa/gone"));
        var tag = (await FindAsync(TableKeys.RegistryTable, TableKeys.Tag(Name, Tag.Parse("v1"))))!;
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(TableKeys.Tag(RepositoryName.Parse("a"), Tag.Parse("lost")), tag.Properties), default);
        // A child of the index, and a layer of an image, that its repository has lost.
        await DropAsync(TableKeys.RegistryTable, TableKeys.Manifest(RepositoryName.Parse("large"), index.Content.Manifests[2].Digest));
        await DropAsync(TableKeys.RegistryTable, TableKeys.Tag(RepositoryName.Parse("large"), Tag.Parse("v2")));
        var beta = (await TestRegistry.ListAsync(Test.Open("team/beta").Blobs.ListAsync(default)))[0].Digest;
        await DropAsync(TableKeys.BlobsTable, TableKeys.Link(beta, RepositoryName.Parse("team/beta")));
        Wait();
    }
}
