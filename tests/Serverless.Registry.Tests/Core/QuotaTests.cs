using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Core;

/// <summary>Quotas of namespaces.</summary>
public sealed class QuotaTests
{
    private readonly TestRegistry _test = new();

    [Theory]
    [InlineData("team", true)]
    [InlineData("te*", true)]
    [InlineData("*", true)]
    [InlineData("team-1.x_y", true)]
    [InlineData("", false)]
    [InlineData("team/", false)]
    [InlineData("team/app", false)]
    [InlineData("Team", false)]
    [InlineData("te*m", false)]
    [InlineData("**", false)]
    [InlineData("-team", false)]
    public void A_pattern_is_a_name_or_what_names_begin_with(string pattern, bool isOne) => Assert.Equal(isOne, Quota.IsPattern(pattern));

    [Theory]
    [InlineData(null, null)]
    [InlineData(-1L, null)]
    [InlineData(null, -1L)]
    [InlineData(11L, 10L)]
    public async Task What_cannot_be_is_refused(long? soft, long? hard)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _test.Registry.Quotas.SetAsync(new Quota("team") { Soft = soft, Hard = hard }, default));
        Assert.Empty(await _test.Registry.Quotas.ListAsync(default));
    }

    [Fact]
    public async Task The_pattern_that_says_most_counts()
    {
        foreach (var (pattern, hard) in new[] { ("*", 10), ("te*", 20), ("team", 30), ("a*", 40) }) await SetAsync(pattern, hard);
        Assert.Equal(["*", "a*", "te*", "team"], (await _test.Registry.Quotas.ListAsync(default)).Select(q => q.Pattern));
        foreach (var (name, hard) in new[] { ("team/app", 30), ("team", 30), ("teams/app", 20), ("te/app", 20), ("x/team", 10), ("a", 40) })
        {
            Assert.Equal(hard, (await _test.Registry.Quotas.DemandAsync(RepositoryName.Parse(name), 0, default))!.Quota.Hard);
        }

        Assert.True(await _test.Registry.Quotas.RemoveAsync("team", default));
        Assert.False(await _test.Registry.Quotas.RemoveAsync("team", default));
        Assert.Equal(20, (await _test.Registry.Quotas.DemandAsync(RepositoryName.Parse("team/app"), 0, default))!.Quota.Hard);
    }

    [Fact]
    public async Task There_are_at_most_a_hundred()
    {
        for (var i = 0; i < RegistryQuotas.Most; i++) await SetAsync($"n{i}", 10);
        await AssertRefusedAsync(RegistryError.Unsupported, () => SetAsync("more", 10));
        await SetAsync("n0", 11);
    }

    [Fact]
    public async Task What_would_pass_a_hard_quota_is_refused_and_leaves_nothing()
    {
        await SetAsync("team", 10);
        await _test.Repository.Blobs.PutAsync(new byte[6], default);
        var before = await RowsAsync();
        var refusal = await AssertRefusedAsync(RegistryError.Denied, () => _test.Repository.Blobs.PutAsync(new byte[5], default));
        Assert.Equal("QUOTA", Assert.IsType<Dictionary<string, string>>(refusal.Detail)["reason"]);
        Assert.Equal(before, await RowsAsync());
        Assert.Single(await _test.ObjectNamesAsync());
        // What is there already adds nothing, and what fits is taken, to the byte.
        await _test.Repository.Blobs.PutAsync(new byte[6], default);
        await _test.Repository.Blobs.PutAsync(new byte[4], default);
        // Another namespace has its own.
        await _test.Open("other/app").Blobs.PutAsync(new byte[5], default);
    }

    [Fact]
    public async Task An_upload_in_pieces_is_refused_at_its_end_and_can_be_finished_when_there_is_room()
    {
        await SetAsync("team", 10);
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body(new byte[11]), null, default);
        var digest = Sha256Of(new byte[11]);
        await AssertRefusedAsync(RegistryError.Denied, () => upload.CommitAsync(digest, Body([]), null, default));
        Assert.Null(await _test.Repository.Blobs.FindAsync(digest, default));
        await SetAsync("team", 11);
        Assert.Equal(11, (await upload.CommitAsync(digest, Body([]), null, default))!.Size);
    }

    [Fact]
    public async Task A_mount_counts()
    {
        var blob = await _test.Open("other/app").Blobs.PutAsync(new byte[11], default);
        await SetAsync("team", 10);
        await AssertRefusedAsync(RegistryError.Denied, () => _test.Repository.Blobs.MountAsync(blob.Digest, RepositoryName.Parse("other/app"), default));
        Assert.Null(await _test.Repository.Blobs.FindAsync(blob.Digest, default));
    }

    [Fact]
    public async Task Thirty_two_pushes_at_once_at_one_instance_never_pass_it()
    {
        await SetAsync("team", 100);
        var results = await Task.WhenAll(Enumerable.Range(1, 32).Select(i => TryPushAsync(_test.Registry, i)));
        Assert.Equal(10, results.Count(r => r));
        Assert.Equal(100, await SumAsync());
    }

    [Fact]
    public async Task At_several_instances_they_pass_it_by_what_was_on_its_way_at_most()
    {
        await SetAsync("team", 100);
        var instances = Enumerable.Range(0, 4).Select(_ => _test.NewInstance()).ToList();
        await Task.WhenAll(Enumerable.Range(1, 32).Select(i => TryPushAsync(instances[i % 4], i)));
        Assert.InRange(await SumAsync(), 100, 100 + (32 * 10));
        // And once they have seen it nothing more gets in.
        _test.Time.Advance(TimeSpan.FromSeconds(6));
        foreach (var instance in instances) Assert.False(await TryPushAsync(instance, 99));
    }

    [Fact]
    public async Task Passing_a_soft_quota_is_told_once_and_pushes_go_on()
    {
        var test = new TestRegistry(new RegistryOptions { BlockSize = BlockSize, Events = [new EventSubscription("ops") { Actions = [EventAction.Quota] }] });
        await test.Registry.Quotas.SetAsync(new Quota("team") { Soft = 10 }, default);
        foreach (var (size, isOver) in new[] { (10, false), (9, true), (8, true) })
        {
            await test.Repository.Blobs.PutAsync(new byte[size], default);
            Assert.Equal(isOver, (await test.Registry.Quotas.DemandAsync(test.Repository.Name, 0, default))!.IsOverSoft);
        }

        var rows = await test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(test.Repository.Name), TableKeys.EventPrefix), default).ToListAsync();
        var told = Assert.Single(EventRow.Read(Assert.Single(rows), "id"));
        Assert.Equal((EventAction.Quota, "team/app", 19L), (told.Action, told.Repository.ToString(), told.Size));
    }

    private static async Task<bool> TryPushAsync(ContainerRegistry registry, int number)
    {
        try
        {
            await registry.GetRepository(RepositoryName.Parse($"team/app{number % 5}")).Blobs.PutAsync(Utf8($"blob {number:d5}"), default);
            return true;
        }
        catch (RegistryException e) when (e.Error == RegistryError.Denied)
        {
            return false;
        }
    }

    private async Task<long> SumAsync() => await _test.Tables.ListAsync(TableKeys.BlobsTable, RowQuery.All, default).Where(r => r.Key.Row.StartsWith("team", StringComparison.Ordinal)).Select(r => r.GetInt64("size")).SumAsync();

    private async Task<List<string>> RowsAsync()
    {
        List<string> rows = [];
        foreach (var table in new[] { TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable })
        {
            await foreach (var row in _test.Tables.ListAsync(table, RowQuery.All, default)) rows.Add($"{table} {row.Key.Partition} {row.Key.Row}");
        }

        return rows;
    }

    private Task SetAsync(string pattern, long hard) => _test.Registry.Quotas.SetAsync(new Quota(pattern) { Hard = hard }, default);
}
