using System.Buffers;
using System.Text;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.LocalStorage.Tests;

public sealed class ObjectNameTests : IDisposable
{
    private readonly LocalFolder _folder = new();

    private IObjectStore Objects => _folder.Stores.Objects;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("/data/a")]
    [InlineData("data/a/")]
    [InlineData("data//a")]
    [InlineData("..")]
    [InlineData("../registry.db")]
    [InlineData("data/../../registry.db")]
    [InlineData("data/./a")]
    [InlineData("data\\a")]
    [InlineData("data/a\0b")]
    [InlineData("data/äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää")]
    public async Task A_name_that_no_file_below_the_folder_can_have_is_refused_by_every_call(string name)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("x"));
        await Objects.PutAsync("data/x", bytes, default);
        Func<Task>[] calls =
        [
            () => Objects.PutAsync(name, bytes, default),
            () => Objects.StageBlockAsync(name, "1", bytes, default),
            () => Objects.CommitBlocksAsync(name, ["1"], default),
            () => Objects.CopyAsync("data/x", 1, name, null, default),
            () => Objects.CopyAsync(name, 1, "data/y", null, default),
            () => Objects.FindAsync(name, default),
            () => Objects.OpenAsync(name, 0, null, default),
            () => Objects.DeleteAsync(name, null, default),
        ];
        foreach (var call in calls) await Assert.ThrowsAsync<ArgumentException>(call);
        Assert.Equal(["data/x"], await Objects.ListAsync("", default).Select(o => o.Name).ToListAsync());
        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public async Task A_list_is_in_the_order_of_whole_names_where_folders_are_among_them()
    {
        string[] names = ["data-b/x", "data-b/y/z", "data/x", "data/x-1", "data/x.1/a", "data/y", "data0", "e"];
        foreach (var name in names.Reverse()) await Objects.PutAsync(name, default, default);
        foreach (var prefix in (string[])["", "d", "data", "data-", "data/", "data/x", "data/x.", "data/x.1/a", "none"])
        {
            Assert.Equal(names.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)), await Objects.ListAsync(prefix, default).Select(o => o.Name).ToListAsync());
        }
    }

    [Fact]
    public async Task Objects_that_come_and_go_do_not_disturb_a_list()
    {
        for (var i = 0; i < 50; i++) await Objects.PutAsync($"data/{i:d2}/x", default, default);
        List<string> seen = [];
        await foreach (var found in Objects.ListAsync("data/", default))
        {
            seen.Add(found.Name);
            await Objects.DeleteAsync($"data/{seen.Count + 9:d2}/x", null, default);
            await Objects.PutAsync($"data/{seen.Count:d2}/y", default, default);
        }

        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
        Assert.Contains("data/00/x", seen);
    }
}
