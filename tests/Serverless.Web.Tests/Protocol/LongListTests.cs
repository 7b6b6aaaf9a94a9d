using System.Net;
using System.Text.Json;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Five thousand tags and five thousand repositories.</summary>
public abstract class LongListTests(IStorageKind storage, int mostPages) : RegistryTest(storage)
{
    private const int Count = 5000;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(null)]
    public async Task Tags_are_listed_in_order_each_page_by_one_call(int? n)
    {
        var names = Enumerable.Range(0, Count).Select(i => $"v{i:d4}").ToList();
        var tag = new Dictionary<string, object> { ["digest"] = RegistryServer.DigestOf([]).ToString(), ["mediaType"] = MediaTypes.OciIndex, ["size"] = 1L };
        await FillAsync(TableKeys.RegistryTable, names.Select(t => new RowWrite.Insert(TableKeys.Tag(RepositoryName.Parse("app"), Tag.Parse(t)), tag)));
        await AssertListAsync("/v2/app/tags/list", "tags", names, n);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(null)]
    public async Task Repositories_are_listed_in_order_each_page_by_one_call(int? n)
    {
        var names = Enumerable.Range(0, Count).Select(i => $"team-{i % 50:d2}/app.{i / 50:d2}").Order(StringComparer.Ordinal).ToList();
        await FillAsync(TableKeys.SystemTable, names.Select(name => RowWrite.Note(TableKeys.Catalog(RepositoryName.Parse(name)))));
        await AssertListAsync("/v2/_catalog", "repositories", names, n);
    }

    private async Task FillAsync(string table, IEnumerable<RowWrite> rows)
    {
        foreach (var batch in rows.GroupBy(r => r.Key.Partition).SelectMany(p => p.Chunk(TableLimits.BatchCount))) Assert.True((await Registry.Stores.Tables.WriteAsync(table, batch, default)).Done);
    }

    private async Task AssertListAsync(string path, string property, List<string> names, int? n)
    {
        List<string> seen = [];
        var next = n is null ? path : $"{path}?n={n}";
        for (var page = 0; page < mostPages && next is not null; page++)
        {
            Registry.Probe.Reset();
            using var answer = await ExpectAsync(Registry.SendAsync("GET", next), HttpStatusCode.OK);
            Assert.Equal((1, 0), Registry.Probe.Counts);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var entries = json.RootElement.GetProperty(property).EnumerateArray().Select(e => e.GetString()!).ToList();
            Assert.Equal(Math.Min(n ?? 1000, Count - seen.Count), entries.Count);
            seen.AddRange(entries);
            var link = Header(answer, "Link");
            next = link.Length == 0 ? null : link[1..link.IndexOf('>', StringComparison.Ordinal)];
        }

        Assert.Equal(names.Take(seen.Count), seen);
        if (next is null) Assert.Equal(Count, seen.Count);
        else Assert.Equal(mostPages * (n ?? 1000), seen.Count);
    }
}

public sealed class LongListTestsInMemory(InMemoryStorage storage) : LongListTests(storage, int.MaxValue), IClassFixture<InMemoryStorage>;

public sealed class LongListTestsOnLocalDisk(LocalDisk storage) : LongListTests(storage, 60), IClassFixture<LocalDisk>;

/// <summary>The emulator sorts all rows for every page, so of the many small pages only the first are read.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class LongListTestsOnAzurite(AzuriteStorage storage) : LongListTests(storage, 60);
