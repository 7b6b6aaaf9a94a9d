using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Retention;

/// <summary>A registry whose tags are made one hour after another.</summary>
public abstract class RetentionTest
{
    private Manifest? _image;

    private protected TestRegistry Test { get; init; } = new(maxPageSize: 3);

    private protected Repository Repository => Test.Repository;

    /// <summary>Points each tag at one image, and lets an hour pass after each.</summary>
    private protected async Task TagAsync(params string[] tags)
    {
        _image ??= await TestRegistry.PushImageAsync(Repository, "1");
        foreach (var tag in tags)
        {
            await Repository.Tags.PutAsync(Tag.Parse(tag), _image.Digest, default);
            Test.Time.Advance(TimeSpan.FromHours(1));
        }
    }

    private protected async Task<List<string>> TagsAsync() => [.. (await TestRegistry.ListAsync(Repository.Tags.ListAsync(default))).Select(t => t.ToString())];

    /// <summary>Runs dry first and asserts that nothing changes, then in earnest, and that both tell the same.</summary>
    private protected async Task<List<string>> ApplyAsync(params RetentionRule[] rules)
    {
        List<RetiredTag> listed = [], deleted = [];
        var before = await RowsAsync();
        var dry = await Test.Registry.Retention.ApplyAsync(rules, dryRun: true, listed.Add, default);
        Assert.Equal(before, await RowsAsync());
        var real = await Test.Registry.Retention.ApplyAsync(rules, dryRun: false, deleted.Add, default);
        Assert.Equal(listed, deleted);
        Assert.Equal((dry.Repositories, dry.Tags, dry.Deleted, 0), (real.Repositories, real.Tags, real.Deleted, real.Moved));
        Assert.Equal(deleted.Count, real.Deleted);
        return [.. deleted.Select(d => d.Tag.ToString())];
    }

    private async Task<List<(RowKey Key, string ETag)>> RowsAsync()
    {
        List<(RowKey Key, string ETag)> rows = [];
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            await foreach (var row in Test.Tables.ListAsync(table, RowQuery.Prefix(null, ""), default)) rows.Add((row.Key, row.ETag));
        }

        return rows;
    }
}
