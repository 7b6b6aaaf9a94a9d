using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Accounts;

public sealed class ScopeMapStoreTests
{
    private readonly InMemoryTableStore _tables = new(new FakeTimeProvider());
    private readonly ScopeMapStore _maps;

    public ScopeMapStoreTests() => _maps = new ScopeMapStore(_tables, new Dictionary<string, AccessRights>());

    [Fact]
    public async Task A_map_is_read_as_it_was_written_and_can_be_replaced()
    {
        await _maps.SetAsync("team", Rights("team/*:pull,push", "registry:catalog:*"), default);
        Assert.Equal(["team/*:pull,push", "registry:catalog:*"], await SumAsync("team"));
        await _maps.SetAsync("team", AccessRights.None, default);
        Assert.Empty(await SumAsync("team"));
        Assert.Equal(["team"], (await _maps.ListAsync(default)).Keys);
        Assert.True(await _maps.DeleteAsync("team", default));
        Assert.False(await _maps.DeleteAsync("team", default));
    }

    [Fact]
    public async Task Maps_add_up_with_that_of_everybody_and_missing_ones_give_nothing()
    {
        await _maps.SetAsync("one", Rights("one:pull"), default);
        await _maps.SetAsync("two", Rights("two:pull"), default);
        Assert.Equal(["one:pull", "two:pull"], await SumAsync("one", "gone", "two", "one"));
        await _maps.SetAsync(ScopeMapStore.Anonymous, Rights("public:pull"), default);
        Assert.Equal(["public:pull", "two:pull"], await SumAsync("two"));
        Assert.Equal(["public:pull"], await SumAsync());
    }

    [Fact]
    public async Task What_the_configuration_gives_wins_and_stays()
    {
        await _maps.SetAsync("team", Rights("stored:pull"), default);
        var maps = new ScopeMapStore(_tables, new Dictionary<string, AccessRights> { ["team"] = Rights("configured:pull") });
        Assert.Equal("configured:pull", Assert.Single((await maps.SumAsync(["team"], default)).Rules).ToString());
        await Assert.ThrowsAsync<ArgumentException>(() => maps.SetAsync("team", AccessRights.All, default));
        await Assert.ThrowsAsync<ArgumentException>(() => maps.DeleteAsync("team", default));
        Assert.Equal(["stored:pull"], await SumAsync("team"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData(".a")]
    [InlineData("a#")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123456")]
    public async Task What_is_no_name_is_no_map(string name)
    {
        Assert.False(ScopeMapStore.IsName(name));
        await Assert.ThrowsAsync<ArgumentException>(() => _maps.SetAsync(name, AccessRights.All, default));
        await Assert.ThrowsAsync<ArgumentException>(() => _maps.DeleteAsync(name, default));
        Assert.Empty(await _maps.ListAsync(default));
    }

    [Fact]
    public async Task A_sum_reads_the_maps_that_are_named_and_no_others_all_at_once()
    {
        for (var i = 0; i < 1500; i++) await _maps.SetAsync($"map{i}", Rights($"team{i}/*:pull"), default);
        var probe = new StorageProbe { Delay = TimeSpan.FromMilliseconds(50) };
        var tables = probe.Watch((_tables, new InMemoryObjectStore(TimeProvider.System))).Tables;
        var maps = new ScopeMapStore(tables, new Dictionary<string, AccessRights> { ["fixed"] = Rights("fixed:pull") });
        var sum = await maps.SumAsync(["map1", "map2", "fixed", "gone", "map1", "no name"], default);
        Assert.Equal(["team1/*:pull", "team2/*:pull", "fixed:pull"], sum.Rules.Select(r => r.ToString()));
        Assert.Equal(["find system anonymous", "find system gone", "find system map1", "find system map2"], probe.Calls.Order());
        Assert.Equal(1, probe.Steps);
    }

    private static AccessRights Rights(params string[] rules) => new(rules.Select(r => AccessRule.Parse(r)));

    private async Task<IEnumerable<string>> SumAsync(params string[] names) => (await _maps.SumAsync(names, default)).Rules.Select(r => r.ToString());
}
