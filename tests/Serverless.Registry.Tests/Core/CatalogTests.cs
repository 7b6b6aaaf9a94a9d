using Serverless.Registry.Access;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Core;

/// <summary>The catalog as those see it who may see little of it.</summary>
public sealed class CatalogTests
{
    private readonly TestRegistry _test = new();
    private readonly StorageProbe _probe = new();

    [Fact]
    public async Task Rights_lead_past_what_they_do_not_show()
    {
        await FillAsync([.. Enumerable.Range(0, 3000).SelectMany(i => new[] { $"aa/app{i:d4}", $"m/app{i:d4}", $"zz/app{i:d4}" }), "bb", "bb/mine", "n/mine", "zzz/mine"]);
        var (names, pages) = await ReadAllAsync(100, "bb/*:pull", "n/mine:pull", "zzz/*:pull", "x/*:push");
        Assert.Equal(["bb/mine", "n/mine", "zzz/mine"], names);
        Assert.Equal(1, pages);
        Assert.InRange(_probe.Counts.Table, 1, 3);
    }

    [Fact]
    public async Task A_page_reads_a_bounded_number_of_names_and_the_next_one_goes_on_there()
    {
        string[] all = [.. Enumerable.Range(0, 10_000).Select(i => $"team{i % 7}/app{i:d5}{(i % 4000 == 0 ? "-mine" : "")}")];
        await FillAsync(all);
        List<string> seen = [];
        var page = new CatalogPage([], true);
        for (var pages = 0; page.More; pages++)
        {
            Assert.InRange(pages, 0, 3);
            _probe.Reset();
            page = await ReadAsync(10, null, page.Cursor, "*-mine:pull");
            Assert.InRange(_probe.Counts.Table, 1, 4 + 3);
            seen.AddRange(page.Names.Select(n => n.ToString()));
        }

        Assert.Equal(all.Where(n => n.EndsWith("-mine", StringComparison.Ordinal)).Order(StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("*:pull")]
    [InlineData("team/*:pull", "team?/*:pull")]
    [InlineData("team/*:pull", "team/a*:pull", "b:pull")]
    [InlineData("a*:pull", "zz/*:pull")]
    [InlineData("*b*:pull")]
    [InlineData("none:pull")]
    [InlineData("team/*:push")]
    [InlineData("te*:pull", "tea:pull", "team-x/*:pull")]
    public async Task Pages_of_any_size_have_the_names_that_the_rights_show(params string[] rules)
    {
        string[] names =
        [
            "a", "a-b", "a/b", "b", "b/a", "tea", "team", "team-x/a", "team-x/b", "team.y", "team/a", "team/a/b", "team/ab", "team/b", "team0/b", "team_z", "teams/a", "zz/a", "zz/b", "zzz",
        ];
        await FillAsync(names);
        var rights = Rights(rules);
        var expected = names.Where(n => rights.On(RepositoryName.Parse(n)).HasFlag(RepositoryActions.Pull)).ToList();
        foreach (var size in (int[])[1, 2, 3, 100]) Assert.Equal(expected, (await ReadAllAsync(size, rules)).Names);
        foreach (var last in (string[])[.. names, "0", "team/", "team/~", "zz/", "~", "B"])
        {
            Assert.Equal(expected.Where(n => string.CompareOrdinal(n, last) > 0), (await ReadAsync(100, last, null, rules)).Names.Select(n => n.ToString()));
        }
    }

    [Fact]
    public async Task The_rows_of_storage_that_come_without_names_are_no_place_to_stop()
    {
        var tables = new InMemoryTableStore(_test.Time) { MaxPageSize = 3 };
        foreach (var i in Enumerable.Range(0, 30)) await tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(new RowKey("catalog:a.", $"No Repository {i:d2}")), default);
        await tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(TableKeys.Catalog(RepositoryName.Parse("b/x"))), default);
        var registry = new ContainerRegistry(tables, _test.Objects, _test.Options, _test.Time);
        var page = await registry.ListPageAsync(10, null, null, Rights("*x:pull"), default);
        Assert.Equal(["b/x"], page.Names.Select(n => n.ToString()));
        Assert.False(page.More);
    }

    [Fact]
    public async Task A_cursor_tells_nothing_and_is_of_this_registry()
    {
        await FillAsync([.. Enumerable.Range(0, 9000).Select(i => $"hidden/app{i:d4}")]);
        var first = await ReadAsync(10, null, null, "*-mine:pull");
        var again = await ReadAsync(10, null, null, "*-mine:pull");
        Assert.Empty(first.Names);
        Assert.NotEqual(first.Cursor, again.Cursor);
        Assert.Equal(first.Cursor!.Length, again.Cursor!.Length);
        Assert.Matches("^[A-Za-z0-9_-]+$", first.Cursor);
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(first.Cursor);
        Assert.DoesNotContain("hidden", System.Text.Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        bytes[20] ^= 1;
        foreach (var cursor in (string[])["", "x", "hidden/app0001", "?", new string('A', first.Cursor.Length), System.Buffers.Text.Base64Url.EncodeToString(bytes), first.Cursor + "AAAA"])
        {
            await TestRegistry.AssertRefusedAsync(RegistryError.PageInvalid, () => ReadAsync(10, null, cursor, "*-mine:pull"));
        }

        // Another instance opens it, and another registry does not.
        Assert.NotNull((await _test.NewInstance().ListPageAsync(10, null, first.Cursor, Rights("*-mine:pull"), default)).Cursor);
        await TestRegistry.AssertRefusedAsync(RegistryError.PageInvalid, () => new TestRegistry().Registry.ListPageAsync(10, null, first.Cursor, Rights("*:pull"), default));
    }

    [Fact]
    public async Task Rights_beyond_the_scope_show_what_is_within()
    {
        await FillAsync("a/x", "team/a", "team/b", "teams/a");
        var options = new RegistryOptions { Scope = RegistryScope.Below(RepositoryName.Parse("team")) };
        var scoped = new ContainerRegistry(_test.Tables, _test.Objects, options, _test.Time);
        foreach (var (rule, expected) in ((string, string[])[])[("*:pull", ["team/a", "team/b"]), ("t*:pull", ["team/a", "team/b"]), ("team/a:pull", ["team/a"]), ("a/*:pull", [])])
        {
            Assert.Equal(expected, (await scoped.ListPageAsync(9, null, null, Rights(rule), default)).Names.Select(n => n.ToString()));
        }
    }

    private async Task<(List<string> Names, int Pages)> ReadAllAsync(int size, params string[] rules)
    {
        List<string> names = [];
        var page = new CatalogPage([], true);
        var pages = 0;
        for (; page.More; pages++)
        {
            page = await ReadAsync(size, page.Cursor is null ? names.LastOrDefault() : null, page.Cursor, rules);
            names.AddRange(page.Names.Select(n => n.ToString()));
        }

        return (names, pages);
    }

    private Task<CatalogPage> ReadAsync(int count, string? last, string? cursor, params string[] rules)
    {
        var stores = _probe.Watch((_test.Tables, _test.Objects));
        return new ContainerRegistry(stores.Tables, stores.Objects, _test.Options, _test.Time).ListPageAsync(count, last, cursor, Rights(rules), default);
    }

    private async Task FillAsync(params string[] names)
    {
        foreach (var batch in names.Select(n => RowWrite.Note(TableKeys.Catalog(RepositoryName.Parse(n)))).GroupBy(w => w.Key.Partition).SelectMany(p => p.Chunk(TableLimits.BatchCount)))
        {
            Assert.True((await _test.Tables.WriteAsync(TableKeys.SystemTable, batch, default)).Done);
        }
    }

    private static AccessRights Rights(params string[] rules) => new(rules.Select(r => AccessRule.Parse(r)));
}
