using Serverless.Registry.Adoption;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Backup;
using Xunit;

namespace Serverless.Registry.Tests.Adoption;

/// <summary>What is whole is taken over as it is.</summary>
public sealed class AdoptionTests : AdoptionTest
{
    [Fact]
    public async Task Images_are_adopted_where_they_lie()
    {
        var (first, second, index) = await FillAsync();
        var before = await NamesThereAsync();
        var progress = await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal((2L, 2L, 4L, 5L), (progress.Repositories, progress.Expected, progress.Manifests, progress.Tags));
        // Three configs and two layers; the other repository has a link to one of them.
        Assert.Equal((5L, 1L, 0L), (progress.Blobs, progress.Shared, progress.Copied));
        await AssertPulledAsync("team/app", "v1", first);
        await AssertPulledAsync("team/app", "latest", first);
        await AssertPulledAsync("team/app", second.Digest.ToString(), second);
        await AssertPulledAsync("team/app", "all", index);
        Assert.Equal(["base", "team/app"], await Test.Registry.ListAsync(default).Select(n => n.ToString()).ToListAsync());
        Assert.Empty(await Test.ObjectNamesAsync());
        Assert.Equal(before.Append(There.Prefix + "adopted-by").Order(StringComparer.Ordinal), await NamesThereAsync());
        Assert.Equal("adopt", (await Test.Repository.Tags.ListHistoryAsync(Tag.Parse("v1"), default).SingleAsync()).Actor);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task A_second_run_finds_all_of_it_here()
    {
        await FillAsync();
        await AdoptAsync();
        var progress = await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal((0L, 0L, 0L, 9L), (progress.Manifests, progress.Tags, progress.Blobs, progress.Present));
    }

    [Fact]
    public async Task What_has_come_since_is_adopted_by_the_next_run()
    {
        await FillAsync();
        await AdoptAsync();
        var late = await There.PutImageAsync("team/app", "4", [Base], "v4");
        var progress = await AdoptAsync();
        // A layer is the repository's already; four manifests and five tags are here.
        Assert.Equal((1L, 1L, 1L, 1L, 9L), (progress.Manifests, progress.Tags, progress.Blobs, progress.Shared, progress.Present));
        await AssertPulledAsync("team/app", "v4", late);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task A_dry_run_counts_and_writes_nothing()
    {
        await FillAsync();
        await There.PutManifestAsync("base", TestRegistry.Utf8("{}"), "broken");
        var before = await NamesThereAsync();
        var dry = await AdoptAsync(Options() with { DryRun = true });
        Assert.Equal(before, await NamesThereAsync());
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            Assert.Empty(await TestRegistry.ListAsync(Test.Tables.ListAsync(table, RowQuery.Prefix(null, ""), default)));
        }

        Assert.Null(await Test.Objects.FindAsync(TableKeys.MarkerObject, default));
        var progress = await AdoptAsync();
        Assert.Equal((progress.Manifests, progress.Tags, progress.Blobs, progress.Bytes, progress.Shared), (dry.Manifests, dry.Tags, dry.Blobs, dry.Bytes, dry.Shared));
        Assert.Equal((1L, 1L), (dry.Refused, dry.Missing));
        Assert.Equal(Findings[..2].Order(Comparer<AdoptFinding>.Create((a, b) => string.CompareOrdinal(a.What, b.What))), Findings[2..].Order(Comparer<AdoptFinding>.Create((a, b) => string.CompareOrdinal(a.What, b.What))));
    }

    [Fact]
    public async Task Tags_keep_the_time_at_which_they_were_pushed()
    {
        await FillAsync();
        var pushed = Test.Time.GetUtcNow();
        Test.Time.Advance(TimeSpan.FromDays(30));
        await AdoptAsync();
        Assert.Equal(pushed, await BackupTest.PushedAsync(Test, "team/app", "v1"));
    }

    [Fact]
    public async Task What_refers_to_an_image_is_listed_with_it()
    {
        var (first, _, _) = await FillAsync();
        var builder = ManifestBuilder.ForImage(await There.PutBlobAsync("team/app", TestRegistry.Utf8("{}"), MediaTypes.OciConfig));
        builder.Subject = first.Descriptor;
        var referrer = builder.Build();
        await There.PutManifestAsync("team/app", referrer.Payload);
        await AdoptAsync();
        var page = await Test.Repository.Referrers.ListPageAsync(first.Digest, null, 10, null, default);
        Assert.Equal(referrer.Digest, Assert.Single(page.Referrers).Digest);
    }

    [Fact]
    public async Task Manifests_that_do_not_say_their_type_are_taken_for_what_distribution_serves_them_as()
    {
        var config = await There.PutBlobAsync("team/app", TestRegistry.Utf8("{}"), MediaTypes.OciConfig);
        var descriptor = $$"""{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{config.Digest}}","size":2}""";
        var image = await There.PutManifestAsync("team/app", TestRegistry.Utf8($$"""{"schemaVersion":2,"config":{{descriptor}},"layers":[]}"""), "image");
        await There.PutManifestAsync("team/app", TestRegistry.Utf8("""{"schemaVersion":2,"manifests":[]}"""), "index");
        await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal(MediaTypes.OciManifest, (await Test.Repository.Manifests.FindAsync(TestRegistry.By(image), default))!.MediaType);
        Assert.Equal(MediaTypes.OciIndex, (await Test.Repository.Manifests.FindAsync(TestRegistry.By("index"), default))!.MediaType);
    }

    [Fact]
    public async Task Blobs_that_an_index_lists_as_its_children_come_with_it()
    {
        var layer = await There.PutBlobAsync("team/app", Base);
        var index = ManifestBuilder.ForIndex().Append(layer).Build();
        await There.PutManifestAsync("team/app", index.Payload, "cache");
        await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal(Base, await TestRegistry.ReadAsync(Test.Repository, layer.Digest));
    }

    [Fact]
    public async Task A_long_chain_of_indexes_is_taken_over()
    {
        var last = await There.PutImageAsync("team/app", "1", [Base]);
        for (var i = 0; i < 3000; i++)
        {
            last = ManifestBuilder.ForIndex().Append(last.Descriptor).Build();
            await There.PutManifestAsync("team/app", last.Payload);
        }

        var progress = await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal(3001L, progress.Manifests);
    }

    [Fact]
    public async Task A_manifest_too_large_for_its_row_is_taken_over()
    {
        var builder = ManifestBuilder.ForImage(await There.PutBlobAsync("team/app", TestRegistry.Utf8("{}"), MediaTypes.OciConfig));
        builder.Annotations["padding"] = new string('x', 700 * 1024);
        var manifest = builder.Build();
        await There.PutManifestAsync("team/app", manifest.Payload, "large");
        await AdoptAsync();
        Assert.Empty(Findings);
        await AssertPulledAsync("team/app", "large", manifest);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task A_blob_that_was_pushed_by_another_algorithm_is_copied_because_two_digests_would_share_its_bytes()
    {
        var bytes = await There.PutBytesAsync(Base);
        var digest = Digest.Compute(DigestAlgorithm.Sha512, Base);
        await There.PutAsync(There.LayerOf("team/app", digest), TestRegistry.Utf8(bytes.Digest.ToString()));
        var builder = ManifestBuilder.ForImage(await There.PutBlobAsync("team/app", TestRegistry.Utf8("{}"), MediaTypes.OciConfig));
        await There.PutManifestAsync("team/app", builder.Append(bytes with { Digest = digest }).Build().Payload, "v1");
        var progress = await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal((1L, 1L), (progress.Blobs, progress.Copied));
        Assert.StartsWith(TableKeys.ObjectPrefix, await LocationAsync(digest), StringComparison.Ordinal);
        await AssertWholeAsync();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("some/where/", "some/where")]
    [InlineData("some/where/", "some/where/")]
    [InlineData("/some/where/", "/some/where")]
    [InlineData("/some/where/", "some/where")]
    public async Task It_is_found_under_a_root_directory_with_and_without_the_slash_of_older_releases(string start, string root)
    {
        var there = new Serverless.Testing.DistributionStorage(Test.Objects, start);
        var image = await there.PutImageAsync("team/app", "1", [Base], "v1");
        await AdoptAsync(Options(root));
        await AssertPulledAsync("team/app", "v1", image);
        Assert.Equal(there.DataOf(image.Content.Blobs[1].Digest), await LocationAsync(image.Content.Blobs[1].Digest));
        await AssertWholeAsync();
    }
}
