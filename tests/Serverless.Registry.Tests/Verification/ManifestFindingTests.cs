using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Manifests, tags and referrers. Nothing of this is repaired: only a push brings back what is missing.</summary>
public sealed class ManifestFindingTests : VerifyTest
{
    private static readonly Digest s_gone = TestRegistry.Sha256Of(TestRegistry.Utf8("gone"));

    [Fact]
    public async Task A_tag_that_points_nowhere_is_found()
    {
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Tag(Name, Tag.Parse("lost")), ("digest", s_gone.ToString()));
        var finding = await AssertStaysAsync(VerifyKind.TagWithoutManifest);
        Assert.Equal((Name, s_gone), (finding.Repository, finding.Digest));
        Assert.Contains("lost", finding.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_referrer_without_its_manifest_is_found()
    {
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Referrer(Name, Image.Digest, s_gone));
        var finding = await AssertStaysAsync(VerifyKind.ReferrerWithoutManifest);
        Assert.Equal((Name, s_gone), (finding.Repository, finding.Digest));
    }

    [Fact]
    public async Task An_index_without_a_child_is_found()
    {
        var child = await TestRegistry.PushImageAsync(Repository, "2");
        var index = ManifestBuilder.ForIndex().Append(child.Descriptor).Append(Image.Descriptor).Build();
        await Repository.Manifests.PutAsync(index, [], default);
        await Repository.Manifests.DeleteAsync(child.Digest, default);
        var finding = await AssertStaysAsync(VerifyKind.ManifestWithoutChild);
        Assert.Equal((Name, child.Digest), (finding.Repository, finding.Digest));
        Assert.Contains(index.Digest.ToString(), finding.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_without_a_link_to_its_layer_is_found()
    {
        await Repository.Blobs.DeleteAsync(Layer, default);
        var finding = await AssertStaysAsync(VerifyKind.ManifestWithoutBlob);
        Assert.Equal((Name, Layer), (finding.Repository, finding.Digest));
    }

    [Fact]
    public async Task A_manifest_is_looked_into_when_its_row_has_no_list()
    {
        var row = await FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(Name, Image.Digest));
        await Test.Tables.WriteAsync(
            TableKeys.RegistryTable, new RowWrite.Upsert(row!.Key, row.Properties.Where(p => p.Key != "references").ToDictionary()), default);
        Assert.Empty(await VerifyAsync(Look));
        await Repository.Blobs.DeleteAsync(Layer, default);
        Assert.Equal(Layer, (await AssertStaysAsync(VerifyKind.ManifestWithoutBlob)).Digest);
    }

    [Fact]
    public async Task A_manifest_that_says_nothing_sensible_is_found()
    {
        var key = TableKeys.Manifest(Name, Image.Digest);
        await ChangeAsync(TableKeys.RegistryTable, key, "payload", "no json"u8.ToArray());
        await ChangeAsync(TableKeys.RegistryTable, key, "references", Array.Empty<byte>());
        Assert.Empty(await VerifyAsync(Look));
        var row = await FindAsync(TableKeys.RegistryTable, key);
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(key, row!.Properties.Where(p => p.Key != "references").ToDictionary()), default);
        Assert.Equal(Image.Digest, (await AssertStaysAsync(VerifyKind.Unreadable)).Digest);
    }

    [Fact]
    public async Task A_large_manifest_without_its_content_is_found()
    {
        byte[] padded = [.. (await TestRegistry.BuildImageAsync(Repository, "2")).Payload.Span, .. Enumerable.Repeat((byte)'\n', 700 * 1024)];
        var large = ManifestTypes.Default.Parse(null, padded);
        await Repository.Manifests.PutAsync(large, [], default);
        await DropAsync(TableKeys.BlobsTable, TableKeys.Link(large.Digest, Name));
        Assert.Equal(large.Digest, (await AssertStaysAsync(VerifyKind.Unreadable)).Digest);
    }

    [Theory]
    [InlineData("m:sha256:1234")]
    [InlineData("b:nothing")]
    [InlineData("r:sha256:1234")]
    [InlineData("t:v2")]
    public async Task A_row_that_makes_no_sense_is_found(string row)
    {
        await InsertAsync(TableKeys.RegistryTable, new RowKey(TableKeys.Encode(Name), row));
        Assert.Contains(row, (await AssertStaysAsync(VerifyKind.Unreadable)).Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_names_that_is_cut_off_is_found()
    {
        await ChangeAsync(TableKeys.RegistryTable, TableKeys.Manifest(Name, Image.Digest), "references", new byte[] { 0, 1, 2 });
        // The tag's manifest is there all the same.
        await AssertStaysAsync(VerifyKind.Unreadable);
    }

    [Fact]
    public async Task What_is_pushed_while_the_verifier_runs_is_not_missed()
    {
        // Everything below comes between the look at the blobs and the look at the repositories.
        var tables = new InterruptedQueries(Test.Tables, TableKeys.RegistryTable, async () =>
        {
            var image = await TestRegistry.PushImageAsync(Repository, "2", "v2");
            await Repository.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(image.Descriptor).Build(), [], default);
            await Repository.Manifests.DeleteAsync(Image.Digest, default);
            await Repository.Blobs.DeleteAsync(Layer, default);
        });
        Assert.Empty(await VerifyAsync(new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time), Repair with { RehashDigests = true }));
        Assert.Empty(await VerifyAsync(Rehash));
    }

    [Theory]
    [InlineData(TableKeys.BlobsTable)]
    [InlineData(TableKeys.RegistryTable)]
    public async Task What_is_collected_while_the_verifier_runs_is_not_missed(string before)
    {
        await TestRegistry.PushImageAsync(Test.Open("kept"), "2", "v1");
        var tables = new InterruptedQueries(Test.Tables, before, async () =>
        {
            await Repository.Manifests.DeleteAsync(Image.Digest, default);
            for (var run = 0; run < 5; run++)
            {
                Wait();
                await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
            }
        });
        Assert.Empty(await VerifyAsync(new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time), Repair with { RehashDigests = true }));
        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
    }
}
