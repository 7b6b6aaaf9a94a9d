using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests;

public sealed class ContainerRegistryTests
{
    private readonly TestRegistry _test = new(maxPageSize: 3);

    [Fact]
    public async Task A_repository_is_in_the_catalog_from_its_first_manifest_on()
    {
        var name = _test.Repository.Name;
        await _test.Repository.Blobs.PutAsync(new byte[] { 1 }, default);
        Assert.False(await _test.Registry.ContainsAsync(name, default));
        await PushImageAsync(_test.Repository, "1");
        Assert.True(await _test.Registry.ContainsAsync(name, default));
        Assert.False(await _test.Registry.ContainsAsync(RepositoryName.Parse("team"), default));
        Assert.Equal([name], await ListAsync(_test.NewInstance().ListAsync(default)));
    }

    [Fact]
    public async Task Repositories_are_listed_in_ascii_order_whole_and_in_pages()
    {
        string[] names = ["a", "a-b", "a.b", "a/b", "a/b/c", "a0", "a_b", "b"];
        foreach (var name in names.Reverse()) await PushImageAsync(_test.Open(name), "1");
        Assert.Equal(names, (await ListAsync(_test.Registry.ListAsync(default))).Select(n => n.ToString()));
        foreach (var count in (int[])[1, 2, 3, 7, 8, 9])
        {
            List<string> listed = [];
            for (var more = true; more;)
            {
                (var page, more) = await _test.Registry.ListPageAsync(count, listed.LastOrDefault(), default);
                Assert.InRange(page.Count, 1, count);
                listed.AddRange(page.Select(n => n.ToString()));
            }

            Assert.Equal(names, listed);
        }
    }

    [Fact]
    public async Task A_page_goes_on_after_a_name_that_is_not_there()
    {
        foreach (var name in (string[])["a", "a/b", "b"]) await PushImageAsync(_test.Open(name), "1");
        Assert.Equal(["b"], (await _test.Registry.ListPageAsync(9, "a/c", default)).Names.Select(n => n.ToString()));
        Assert.Equal(["a/b", "b"], (await _test.Registry.ListPageAsync(9, "a-x", default)).Names.Select(n => n.ToString()));
        Assert.Empty((await _test.Registry.ListPageAsync(9, "b/", default)).Names);
    }

    [Fact]
    public async Task Removing_a_repository_takes_its_manifests_and_tags_and_leaves_others()
    {
        for (var i = 0; i < 5; i++) await PushImageAsync(_test.Repository, $"{i}", $"v{i}", "latest");
        await PushImageAsync(_test.Open("team/app/sub"), "1", "latest");
        Assert.True(await _test.Registry.RemoveAsync(_test.Repository.Name, default));
        Assert.Empty(await ListAsync(_test.Repository.Tags.ListAsync(default)));
        Assert.Empty(await ListAsync(_test.Repository.Manifests.ListAsync(default)));
        Assert.Single(await ListAsync(_test.Open("team/app/sub").Tags.ListAsync(default)));
        Assert.False(await _test.Registry.RemoveAsync(RepositoryName.Parse("none"), default));
    }

    [Fact]
    public async Task A_removed_repository_leaves_the_catalog_if_nobody_pushed_for_long()
    {
        await PushImageAsync(_test.Repository, "1");
        Assert.True(await _test.Registry.RemoveAsync(_test.Repository.Name, default));
        Assert.True(await _test.Registry.ContainsAsync(_test.Repository.Name, default));
        _test.Time.Advance(TimeSpan.FromMinutes(10) + _test.Options.LongestRequest + TimeSpan.FromTicks(1));
        Assert.True(await _test.Registry.RemoveAsync(_test.Repository.Name, default));
        Assert.False(await _test.Registry.ContainsAsync(_test.Repository.Name, default));
        await PushImageAsync(_test.Repository, "1");
        Assert.True(await _test.Registry.ContainsAsync(_test.Repository.Name, default));
    }

    [Fact]
    public void A_name_outside_the_scope_is_unknown()
    {
        var test = new TestRegistry(new RegistryOptions { Scope = RegistryScope.Below(RepositoryName.Parse("team")) });
        Assert.Equal("team/app", test.Open("team/app").Name.ToString());
        foreach (var name in (string[])["team", "teams/app", "other", "a/team/app"])
        {
            Assert.Equal(RegistryError.NameUnknown, Assert.Throws<RegistryException>(() => test.Open(name)).Error);
        }

        Assert.True(RegistryScope.Everything.Contains(RepositoryName.Parse("other")));
    }

    [Fact]
    public async Task What_one_instance_writes_another_reads()
    {
        var manifest = await PushImageAsync(_test.Repository, "1", "latest");
        var other = _test.NewInstance().GetRepository(_test.Repository.Name);
        Assert.Equal(manifest.Digest, (await other.Tags.FindAsync(Tag.Parse("latest"), default))!.Digest);
        Assert.Equal(Utf8("layer 1"), await ReadAsync(other, manifest.Content.Blobs[1].Digest));
    }

    [Fact]
    public async Task A_catalog_page_goes_on_after_any_text_with_the_names_that_are_greater()
    {
        string[] names = ["a", "a-b", "a-b/c", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "a_b/x", "b/a", "b/z", "c"];
        foreach (var name in names) await _test.Tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(TableKeys.Catalog(RepositoryName.Parse(name))), default);
        string[] lasts = [.. names, .. names.Select(n => n + "/"), .. names.Select(n => n + "-"), .. names.Select(n => n + "0"), "/", "//", "a//", "a/~", "~", "catalog:", " ", "A", "'", "b/b/b"];
        foreach (var last in lasts)
        {
            var expected = names.Where(n => string.CompareOrdinal(n, last) > 0);
            Assert.Equal(expected, (await _test.Registry.ListPageAsync(99, last, default)).Names.Select(n => n.ToString()));
        }
    }

    [Fact]
    public async Task A_catalog_page_goes_on_after_a_text_with_a_comma()
    {
        await PushImageAsync(_test.Open("a-b"), "1");
        Assert.Single((await _test.Registry.ListPageAsync(9, "a,b", default)).Names);
    }

    [Fact]
    public async Task The_catalog_holds_the_names_of_the_scope_only()
    {
        foreach (var name in (string[])["a/x", "team/app", "team/web", "z/x"]) await PushImageAsync(_test.Open(name), "1");
        var options = new RegistryOptions { Scope = RegistryScope.Below(RepositoryName.Parse("team")) };
        var scoped = new ContainerRegistry(_test.Tables, _test.Objects, options, _test.Time);
        Assert.Equal(["team/app", "team/web"], (await ListAsync(scoped.ListAsync(default))).Select(n => n.ToString()));
        foreach (var (last, expected) in ((string?, string[])[])[(null, ["team/app", "team/web"]), ("a", ["team/app", "team/web"]), ("team/app", ["team/web"]), ("z", [])])
        {
            Assert.Equal(expected, (await scoped.ListPageAsync(9, last, default)).Names.Select(n => n.ToString()));
        }

        Assert.False(await scoped.ContainsAsync(RepositoryName.Parse("a/x"), default));
        Assert.True(await scoped.ContainsAsync(RepositoryName.Parse("team/app"), default));
    }
}
