using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Manifests;

public sealed class ReferrerStoreTests
{
    private static readonly Descriptor s_subject = new(MediaTypes.OciManifest, TestRegistry.Sha256Of([7]), 7);

    private readonly TestRegistry _test = new();

    [Fact]
    public async Task Referrers_are_listed_in_pages()
    {
        var subject = await TestRegistry.PushImageAsync(_test.Repository, "subject");
        for (var i = 0; i < 5; i++)
        {
            var referrer = await TestRegistry.BuildImageAsync(_test.Repository, $"{i}", b => b.Subject = subject.Descriptor);
            await _test.Repository.Manifests.PutAsync(referrer, [], default);
        }

        var (digests, pages) = await ReadAllAsync(_test.Registry, subject.Digest, null, 2);
        Assert.Equal(5, digests.Count);
        Assert.Equal(3, pages);
        Assert.Equal(digests.Distinct().Order(StringComparer.Ordinal), digests);
    }

    [Theory]
    [InlineData(3000, 10, 3)]
    [InlineData(1024, 10, 1)]
    [InlineData(1025, 10, 2)]
    [InlineData(300, 60_000, 3)]
    public async Task A_page_of_one_type_reads_so_many_referrers_and_bytes_and_holds_few_at_a_time(int count, int padding, int expectedPages)
    {
        var wanted = await FillAsync(count, padding);
        var sizes = new PageSizes(_test.Tables);
        var registry = new ContainerRegistry(sizes, _test.Objects, _test.Options, _test.Time);
        var (digests, pages) = await ReadAllAsync(registry, s_subject.Digest, "application/wanted", 1000);
        Assert.Equal(wanted, digests);
        Assert.Equal(expectedPages, pages);
        Assert.InRange(sizes.LargestPage, 1, 64 * 64 * 1024);
        // A call for each 64 rows, and for each page the one that has the row after it.
        Assert.InRange(sizes.Pages, count / 64, (count / 64) + 1 + pages);
    }

    [Fact]
    public async Task A_long_list_is_read_little_by_little()
    {
        await FillAsync(300, 60_000);
        var sizes = new PageSizes(_test.Tables);
        var registry = new ContainerRegistry(sizes, _test.Objects, _test.Options, _test.Time);
        var (digests, pages) = await ReadAllAsync(registry, s_subject.Digest, null, 1000);
        Assert.Equal(300, digests.Count);
        Assert.InRange(pages, 6, 7);
        Assert.InRange(sizes.LargestPage, 1, 64 * 64 * 1024);
    }

    [Theory]
    [InlineData(60_000, false)]
    [InlineData(66_000, true)]
    [InlineData(700_000, true)]
    public async Task A_referrer_too_large_to_be_listed_is_refused_before_anything_is_written(int padding, bool refused)
    {
        var image = await TestRegistry.BuildImageAsync(_test.Repository, "1", b => (b.Subject, b.Annotations["padding"]) = (s_subject, new string('x', padding)));
        var probe = new StorageProbe();
        var stores = probe.Watch((_test.Tables, _test.Objects));
        var manifests = new ContainerRegistry(stores.Tables, stores.Objects, _test.Options, _test.Time).GetRepository(_test.Repository.Name).Manifests;
        if (!refused)
        {
            await manifests.PutAsync(image, [], default);
            Assert.Single((await _test.Repository.Referrers.ListPageAsync(s_subject.Digest, null, 10, null, default)).Referrers);
            return;
        }

        var refusal = await TestRegistry.AssertRefusedAsync(RegistryError.ManifestInvalid, () => manifests.PutAsync(image, [], default));
        Assert.Contains("65536 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), probe.Counts);
        // What has no subject is in no list.
        await manifests.PutAsync(await TestRegistry.BuildImageAsync(_test.Repository, "1", b => b.Annotations["padding"] = new string('x', padding)), [], default);
    }

    private static async Task<(List<string> Digests, int Pages)> ReadAllAsync(ContainerRegistry registry, Digest subject, string? type, int count)
    {
        List<string> digests = [];
        var referrers = registry.GetRepository(RepositoryName.Parse("team/app")).Referrers;
        var page = new ReferrerPage([], "");
        var pages = 0;
        for (; page.Next is not null; pages++)
        {
            page = await referrers.ListPageAsync(subject, type, count, page.Next, default);
            digests.AddRange(page.Referrers.Select(r => r.Digest.ToString()));
        }

        return (digests, pages);
    }

    /// <returns>Those that are wanted: one in a hundred.</returns>
    private async Task<List<string>> FillAsync(int count, int padding)
    {
        var repository = _test.Repository.Name;
        List<string> wanted = [];
        foreach (var batch in Enumerable.Range(0, count).Chunk(50))
        {
            List<RowWrite> rows = [];
            foreach (var i in batch)
            {
                var type = i % 100 == 0 ? "application/wanted" : "application/other";
                var index = ManifestBuilder.ForIndex();
                (index.Subject, index.ArtifactType, index.Annotations["padding"]) = (s_subject, type, i.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(padding, 'x'));
                var manifest = index.Build();
                rows.Add(new RowWrite.Insert(TableKeys.Referrer(repository, s_subject.Digest, manifest.Digest), ManifestRow.OfReferrer(manifest)));
                if (i % 100 == 0) wanted.Add(manifest.Digest.ToString());
            }

            foreach (var part in rows.Chunk(20)) Assert.True((await _test.Tables.WriteAsync(TableKeys.RegistryTable, part, default)).Done);
        }

        return [.. wanted.Order(StringComparer.Ordinal)];
    }
}
