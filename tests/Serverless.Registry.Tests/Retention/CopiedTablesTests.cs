using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Retention;

/// <summary>A copy of the tables has rows that are all as old as the copy; when tags were pushed is still known.</summary>
public sealed class CopiedTablesTests : RetentionTest
{
    [Fact]
    public async Task The_newest_tags_are_still_those_that_were_pushed_last()
    {
        await TagAsync("z", "y", "x", "w");
        Assert.Equal(["z", "y"], await RetireFromCopyAsync(new RetentionRule { KeepNewest = 2 }));
    }

    [Fact]
    public async Task Old_tags_are_still_old()
    {
        await TagAsync("a", "b", "c");
        Assert.Equal(["a"], await RetireFromCopyAsync(new RetentionRule { OlderThan = TimeSpan.FromHours(2.5) }));
    }

    [Fact]
    public async Task The_time_is_storages_and_not_the_instances()
    {
        var late = new FakeTimeProvider(Test.Time.GetUtcNow() - TimeSpan.FromDays(10));
        await TagAsync("a", "b");
        var instance = new ContainerRegistry(Test.Tables, Test.Objects, Test.Options, late);
        var repository = instance.GetRepository(Repository.Name);
        var image = (await Repository.Tags.FindAsync(Tag.Parse("a"), default))!;
        await repository.Tags.PutAsync(Tag.Parse("c"), image.Digest, default);
        Assert.Equal(["a", "b"], await RetireFromCopyAsync(new RetentionRule { KeepNewest = 1 }));
        var move = await repository.Tags.ListHistoryAsync(Tag.Parse("c"), default).SingleAsync();
        Assert.True((Test.Time.GetUtcNow() - move.Time).Duration() < TimeSpan.FromSeconds(2));
    }

    private async Task<List<string>> RetireFromCopyAsync(RetentionRule rule)
    {
        var copy = new InMemoryTableStore(Test.Time);
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            // In the opposite order, so that what was written last is oldest.
            var rows = await Test.Tables.ListAsync(table, RowQuery.Prefix(null, ""), default).ToListAsync();
            foreach (var row in rows.OrderByDescending(r => r.Timestamp)) await copy.WriteAsync(table, new RowWrite.Insert(row.Key, row.Properties), default);
        }

        List<string> retired = [];
        var registry = new ContainerRegistry(copy, Test.Objects, Test.Options, Test.Time);
        await registry.Retention.ApplyAsync([rule], dryRun: false, tag => retired.Add(tag.Tag.ToString()), default);
        return retired;
    }
}
