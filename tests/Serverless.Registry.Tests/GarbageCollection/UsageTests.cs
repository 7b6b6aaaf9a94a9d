using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>What repositories hold, as the collector counts it, and as pushes note it where a quota holds.</summary>
public sealed class UsageTests : GarbageTest
{
    private static readonly Quota s_quota = new("team") { Hard = 1 << 30 };

    [Fact]
    public async Task A_repository_is_the_sum_of_its_links_and_a_namespace_that_of_its_repositories()
    {
        await PushImageAsync(Repository, "one", "v1");
        await PushImageAsync(Test.Open("team/other"), "one", "v1");
        await PushImageAsync(Test.Open("alone"), "two", "v1");
        Assert.Empty(await NamespacesAsync());
        await CollectAllAsync();
        var use = (await Test.Registry.Usage.FindAsync(Repository.Name, default))!;
        Assert.Equal((await RecountAsync("team/app"), 2L), (use.Bytes, use.Blobs));
        Assert.Equal(
            [("alone", 1, 2L, await RecountAsync("alone")), ("team/", 2, 4L, 2 * use.Bytes)],
            (await NamespacesAsync()).Select(n => (n.Name, n.Repositories, n.Blobs, n.Bytes)));
        Assert.Equal(["alone", "team/app", "team/other"], await Test.Registry.Usage.ListAsync(RepositoryName.Parse("alone"), RepositoryName.Parse("team/other"), default).Select(u => u.Repository.ToString()).ToListAsync());
        Assert.Equal(["team/app"], await Test.Registry.Usage.ListAsync(RepositoryName.Parse("b"), Repository.Name, default).Select(u => u.Repository.ToString()).ToListAsync());
        Assert.Equal(["team/"], (await NamespacesAsync("alone")).Select(n => n.Name));
    }

    [Fact]
    public async Task What_is_collected_counts_no_longer()
    {
        var gone = await PushImageAsync(Repository, "one", "v1");
        await PushImageAsync(Repository, "two", "v2");
        await CollectAllAsync();
        await Repository.Manifests.DeleteAsync(gone.Digest, default);
        await CollectAllAsync();
        Assert.Equal(await RecountAsync("team/app"), (await Test.Registry.Usage.FindAsync(Repository.Name, default))!.Bytes);
        await Test.Registry.RemoveAsync(Repository.Name, default);
        await CollectAllAsync();
        Assert.Null(await Test.Registry.Usage.FindAsync(Repository.Name, default));
        Assert.Empty(await NamespacesAsync());
    }

    [Fact]
    public async Task Without_a_quota_a_push_notes_nothing_and_with_one_it_costs_two_calls_for_a_new_blob()
    {
        var (tables, objects, probe) = Watched();
        var watched = new ContainerRegistry(tables, objects, Test.Options, Test.Time).GetRepository(Repository.Name);
        await watched.Blobs.PutAsync(Utf8("warm"), default);
        probe.Reset();
        await watched.Blobs.PutAsync(Utf8("first"), default);
        var without = probe.Counts.Table;
        Assert.DoesNotContain(probe.Calls, c => c.Contains("usage:", StringComparison.Ordinal));

        await Test.Registry.Quotas.SetAsync(s_quota, default);
        Test.Time.Advance(TimeSpan.FromSeconds(6));
        await watched.Blobs.PutAsync(Utf8("warm again"), default);
        probe.Reset();
        await watched.Blobs.PutAsync(Utf8("second"), default);
        Assert.Equal(without + 2, probe.Counts.Table);
        probe.Reset();
        await watched.Blobs.PutAsync(Utf8("second"), default);
        // What the repository holds is looked up, and noted no second time: inserted in vain, read, and linked anew as without a quota.
        Assert.Single(probe.Calls, c => c.Contains(TableKeys.Link(Sha256Of(Utf8("second")), Repository.Name).Row, StringComparison.Ordinal) && c.StartsWith("Find", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(probe.Calls, c => c.Contains("usage:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_quota_what_is_pushed_counts_at_once_and_is_folded_later()
    {
        await Test.Registry.Quotas.SetAsync(s_quota, default);
        await PushImageAsync(Repository, "one", "v1");
        await PushImageAsync(Repository, "one", "v2");
        var expected = await RecountAsync("team/app");
        Assert.Equal((expected, 2L), await NamespaceAsync());
        Assert.Equal(2, await NotesAsync());
        await CollectAllAsync();
        Assert.Equal((expected, 2L), await NamespaceAsync());
        Assert.Equal(0, await NotesAsync());
        await PushImageAsync(Repository, "two", "v3");
        Assert.Equal((await RecountAsync("team/app"), 4L), await NamespaceAsync());
    }

    [Fact]
    public async Task More_than_a_batch_takes_is_folded()
    {
        await Test.Registry.Quotas.SetAsync(s_quota, default);
        for (var i = 0; i < 250; i++) await Repository.Blobs.PutAsync(Utf8($"blob {i}"), default);
        Assert.Equal(250, await NotesAsync());
        var expected = await RecountAsync("team/app");
        await Test.Registry.GarbageCollector.CollectAsync(new() { Repository = Repository.Name }, null, default);
        Assert.Equal((expected, 250L), await NamespaceAsync());
        Assert.Equal(0, await NotesAsync());
    }

    [Fact]
    public async Task A_quota_that_comes_later_finds_what_was_there_before()
    {
        await PushImageAsync(Repository, "one", "v1");
        await CollectAllAsync();
        // As an older release has left it: without sizes, and not counted.
        await foreach (var hint in Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(Repository.Name), TableKeys.HintPrefix), default))
        {
            await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(hint.Key, new Dictionary<string, object>()), default);
        }

        await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Usage(Repository.Name), "*"), default);
        await Test.Registry.Quotas.SetAsync(s_quota, default);
        Test.Time.Advance(TimeSpan.FromSeconds(6));
        await CollectAsync();
        Assert.Equal((await RecountAsync("team/app"), 2L), await NamespaceAsync());
        var sizes = Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(Repository.Name), TableKeys.HintPrefix), default).Select(h => h.Properties.ContainsKey("size"));
        Assert.True(await sizes.AllAsync(s => s));
    }

    [Fact]
    public async Task A_dry_run_counts_nothing()
    {
        await PushImageAsync(Repository, "one", "v1");
        Wait();
        await CollectAsync(new() { DryRun = true, Repository = Repository.Name });
        Assert.Null(await Test.Registry.Usage.FindAsync(Repository.Name, default));
    }

    [Fact]
    public async Task Whatever_call_fails_nothing_that_is_linked_is_left_out_and_in_the_end_the_sum_is_right()
    {
        await Test.Registry.Quotas.SetAsync(s_quota, default);
        foreach (var fault in (StorageFault[])[StorageFault.AppliedButUnavailable, StorageFault.Unavailable])
        {
            for (var (call, isReached) = (0, true); isReached; call++)
            {
                var (tables, objects, probe) = Watched();
                probe.FailAt(call, fault);
                var instance = new ContainerRegistry(tables, objects, Test.Options, Test.Time);
                try
                {
                    await PushImageAsync(instance.GetRepository(Repository.Name), $"image {call} {fault}", "v1");
                    Wait();
                    await instance.GarbageCollector.CollectAsync(new() { Repository = Repository.Name }, null, default);
                }
                catch (StorageUnavailableException)
                {
                    // As a client sees it; what was applied is applied.
                }

                isReached = probe.Calls.Count > call;
                Assert.True((await NamespaceAsync()).Bytes >= await RecountAsync("team/app"), $"call {call}, {fault}");
            }
        }

        await CollectAllAsync();
        Assert.Equal(await RecountAsync("team/app"), (await NamespaceAsync()).Bytes);
        Assert.Equal(0, await NotesAsync());
    }

    private async Task<List<NamespaceUsage>> NamespacesAsync(string? after = null) => await Test.NewInstance().Usage.ListNamespacesAsync(after, _ => true, default).ToListAsync();

    private async Task<(long Bytes, long Blobs)> NamespaceAsync()
    {
        var all = await NamespacesAsync();
        return all.Count == 0 ? (0, 0) : (Assert.Single(all).Bytes, all[0].Blobs);
    }

    private async Task<int> NotesAsync() => await Test.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.UsagePartition("team/app"), TableKeys.AddedTo(Repository.Name)), default).CountAsync();

    private async Task<long> RecountAsync(string name) => await Test.Tables.ListAsync(TableKeys.BlobsTable, RowQuery.All, default)
        .Where(r => r.Key.Row == TableKeys.Encode(RepositoryName.Parse(name))).Select(r => r.GetInt64("size")).SumAsync();

    private (ITableStore Tables, IObjectStore Objects, StorageProbe Probe) Watched()
    {
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((Test.Tables, Test.Objects));
        return (tables, objects, probe);
    }
}
