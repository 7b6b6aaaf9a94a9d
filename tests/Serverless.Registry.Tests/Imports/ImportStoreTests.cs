using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Imports;

/// <summary>Requests for imports: one from there to there at a time, only so many, with secrets that nobody can read, and gone a month after their end.</summary>
public sealed class ImportStoreTests : ImportTest
{
    private const string Secret = "{\"password\":\"correct horse\"}";

    [Fact]
    public async Task There_is_one_import_from_there_to_there_until_it_ends()
    {
        var first = await Store.AddAsync(Request(), "ann", null, 100, default);
        var again = await Store.AddAsync(Request(), "bob", null, 100, default);
        Assert.True(first.IsNew);
        Assert.Equal((false, first.Import.Id, "ann"), (again.IsNew, again.Import.Id, again.Import.Owner));
        Assert.NotEqual(first.Import.Id, await AskAsync(Request(tag: "v2")));
        await Run().RunAsync(first.Import.Id, default);
        Assert.True((await Store.AddAsync(Request(), "bob", null, 100, default)).IsNew);
    }

    [Fact]
    public async Task Of_many_who_ask_for_the_same_at_once_one_makes_it()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Here.NewInstance().Imports.AddAsync(Request(), "ann", null, 100, default))));
        Assert.Single(added, a => a.IsNew);
        Assert.Single(added.Select(a => a.Import.Id).Distinct());
        Assert.Equal(2, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task No_more_wait_than_may()
    {
        for (var i = 0; i < 3; i++) await Store.AddAsync(Request(tag: $"v{i}"), "ann", null, 3, default);
        await AssertRefusedAsync(RegistryError.TooManyRequests, () => Store.AddAsync(Request(tag: "v3"), "ann", null, 3, default));
        // The same as one of them is none more.
        Assert.False((await Store.AddAsync(Request(tag: "v1"), "ann", null, 3, default)).IsNew);
    }

    [Fact]
    public async Task Credentials_are_sealed_and_gone_when_the_import_ends()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var id = await AskAsync(credentials: Secret);
        Assert.False(await IsStoredAsync("correct horse"));
        Assert.Single(await RowsAsync(), r => r.FindBytes("credentials") is not null);
        await Run(Here.NewInstance()).RunAsync(id, default);
        Assert.Equal(Secret, Sources.Credentials);
        await AssertAsync(id, ImportState.Succeeded);
        Assert.DoesNotContain(await RowsAsync(), r => r.Properties.ContainsKey("credentials"));

        var without = await AskAsync(Request(tag: "v2"));
        Assert.DoesNotContain(await RowsAsync(), r => r.Properties.ContainsKey("credentials"));
        await Run().RunAsync(without, default);
        Assert.Null(Sources.Credentials);

        var cancelled = await AskAsync(credentials: Secret);
        await Store.CancelAsync(cancelled, default);
        Assert.DoesNotContain(await RowsAsync(), r => r.Properties.ContainsKey("credentials"));
    }

    [Fact]
    public async Task Credentials_are_not_sent_to_another_source_by_whoever_can_write_rows()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var id = await AskAsync(credentials: Secret);
        var key = TableKeys.Import(id);
        await Here.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(key, new Dictionary<string, object> { ["source"] = "evil.example/team/app:v1" }, "*"), default);
        Assert.Null(await Run().RunAsync(id, default));
        Assert.Contains("cannot be read any more", (await AssertAsync(id, ImportState.Failed)).Reason, StringComparison.Ordinal);
        Assert.Null(Sources.Credentials);
    }

    [Fact]
    public async Task A_list_has_pages_from_the_newest_on()
    {
        List<string> ids = [];
        for (var i = 0; i < 7; i++)
        {
            ids.Add(await AskAsync(Request(tag: $"v{i}"), owner: i % 2 == 0 ? "ann" : "bob"));
            Here.Time.Advance(TimeSpan.FromSeconds(10));
        }

        List<string> listed = [];
        string? cursor = null;
        do
        {
            var page = await Store.ListPageAsync(2, cursor, i => i.Owner == "ann", default);
            Assert.InRange(page.Imports.Count, 1, 2);
            listed.AddRange(page.Imports.Select(i => i.Id));
            cursor = page.Cursor;
        }
        while (cursor is not null);
        Assert.Equal([ids[6], ids[4], ids[2], ids[0]], listed);
    }

    [Fact]
    public async Task What_ended_a_month_ago_goes_and_nothing_else()
    {
        var (ended, open) = (await AskAsync(Request(tag: "v1")), await AskAsync(Request(tag: "v2")));
        await Store.CancelAsync(ended, default);
        Here.Time.Advance(TimeSpan.FromDays(30));
        var (left, purged) = await Store.SweepAsync(default);
        Assert.Equal(0, purged);
        Assert.Equal([open], left);
        Here.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await Store.SweepAsync(default)).Purged);
        Assert.Null(await Store.FindAsync(ended, default));
        Assert.NotNull(await Store.FindAsync(open, default));
    }

    [Fact]
    public async Task A_look_where_there_are_no_imports_is_one_call()
    {
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((Here.Tables, Here.Objects));
        await new ContainerRegistry(tables, objects, Here.Options, Here.Time).RunImports(Sources).SweepAsync(default);
        Assert.Equal(CountedCalls.Of("ImportImages"), probe.Counts);
        Assert.Equal((1, 0), probe.Counts);
    }

    [Fact]
    public async Task What_a_newer_release_knows_of_an_import_stays()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var id = await AskAsync();
        await Here.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(TableKeys.Import(id), new Dictionary<string, object> { ["priority"] = 3L }, "*"), default);
        await Run().RunAsync(id, default);
        Assert.Equal(3L, Assert.Single(await RowsAsync()).GetInt64("priority"));
    }

    private async Task<bool> IsStoredAsync(string text) => (await RowsAsync()).SelectMany(r => r.Properties.Values)
        .Any(v => v is string s ? s.Contains(text, StringComparison.Ordinal) : v is byte[] b && System.Text.Encoding.UTF8.GetString(b).Contains(text, StringComparison.Ordinal));
}
