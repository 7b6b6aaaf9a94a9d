using System.Buffers;
using System.Diagnostics;
using System.Text;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.LocalStorage.Tests;

public sealed class StagingTests : IDisposable
{
    private static readonly string[] s_inOrder = ["a", "b", "c"];

    private readonly ManualTimeProvider _time = new(startNow: true);
    private readonly LocalFolder _folder;

    public StagingTests() => _folder = new(_time);

    private IObjectStore Objects => _folder.Stores.Objects;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Blocks_that_come_in_order_are_the_object_and_no_copy()
    {
        foreach (var id in s_inOrder) await StageAsync("data/x", id, $"block {id} ");
        var staged = InodeOf(Assert.Single(_folder.StagedFiles(), f => f.EndsWith(".bytes", StringComparison.Ordinal)));
        Assert.Equal(WriteOutcome.Done, await Objects.CommitBlocksAsync("data/x", s_inOrder, default));
        Assert.Equal(staged, InodeOf(Path.Combine(_folder.Path, "objects", "data", "x")));
        Assert.Equal("block a block b block c ", await ReadAsync("data/x"));
        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public async Task Blocks_that_are_sent_at_once_in_order_lie_in_order()
    {
        await Task.WhenAll(s_inOrder.Select(id => StageAsync("data/x", id, $"block {id} ")));
        var staged = InodeOf(Assert.Single(_folder.StagedFiles(), f => f.EndsWith(".bytes", StringComparison.Ordinal)));
        await Objects.CommitBlocksAsync("data/x", s_inOrder, default);
        Assert.Equal(staged, InodeOf(Path.Combine(_folder.Path, "objects", "data", "x")));
        Assert.Equal("block a block b block c ", await ReadAsync("data/x"));
    }

    [Fact]
    public async Task Blocks_at_the_end_that_nobody_wants_are_cut_off()
    {
        foreach (var id in s_inOrder) await StageAsync("data/x", id, id);
        await Objects.CommitBlocksAsync("data/x", ["a", "b"], default);
        Assert.Equal("ab", await ReadAsync("data/x"));
    }

    [Theory]
    [InlineData("c,b,a", "cba")]
    [InlineData("b,c", "bc")]
    [InlineData("a,a,b", "aab")]
    [InlineData("", "")]
    public async Task Blocks_that_are_wanted_in_another_order_are_copied_in_that_order(string ids, string expected)
    {
        foreach (var id in s_inOrder) await StageAsync("data/x", id, id);
        Assert.Equal(WriteOutcome.Done, await Objects.CommitBlocksAsync("data/x", ids.Split(',', StringSplitOptions.RemoveEmptyEntries), default));
        Assert.Equal(expected, await ReadAsync("data/x"));
        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public async Task A_block_that_is_staged_again_is_replaced()
    {
        foreach (var id in s_inOrder) await StageAsync("data/x", id, id);
        await StageAsync("data/x", "b", "better");
        await Objects.CommitBlocksAsync("data/x", s_inOrder, default);
        Assert.Equal("abetterc", await ReadAsync("data/x"));
    }

    [Fact]
    public async Task A_commit_that_misses_a_block_can_be_made_again_when_it_has_come()
    {
        await StageAsync("data/x", "a", "a");
        Assert.Equal(WriteOutcome.NotFound, await Objects.CommitBlocksAsync("data/x", ["a", "b"], default));
        await StageAsync("data/x", "b", "b");
        Assert.Equal(WriteOutcome.Done, await Objects.CommitBlocksAsync("data/x", ["a", "b"], default));
        Assert.Equal("ab", await ReadAsync("data/x"));
    }

    [Fact]
    public async Task Blocks_are_gone_when_a_week_has_passed_since_the_last_one_came()
    {
        await StageAsync("data/old", "a", "a");
        var old = _folder.StagedFiles();
        _time.Advance(TimeSpan.FromDays(6));
        await StageAsync("data/young", "a", "a");
        // Files are dated by the system, whose clock nobody moves.
        foreach (var file in _folder.StagedFiles().Except(old))
        {
            File.SetLastWriteTimeUtc(file, _time.GetUtcNow().UtcDateTime);
            Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(file)!, _time.GetUtcNow().UtcDateTime);
        }

        Assert.All(old, file => Assert.True(File.Exists(file)));
        _time.Advance(TimeSpan.FromDays(2));
        // Somebody has to come by.
        await StageAsync("data/other", "a", "a");
        Assert.All(old, file => Assert.False(File.Exists(file)));
        Assert.Equal(WriteOutcome.NotFound, await Objects.CommitBlocksAsync("data/old", ["a"], default));
        Assert.Equal(WriteOutcome.Done, await Objects.CommitBlocksAsync("data/young", ["a"], default));
        await StageAsync("data/old", "a", "again");
        Assert.Equal(WriteOutcome.Done, await Objects.CommitBlocksAsync("data/old", ["a"], default));
        Assert.Equal("again", await ReadAsync("data/old"));
    }

    [Fact]
    public async Task A_copy_of_an_old_object_is_not_swept_while_it_is_made()
    {
        await Objects.PutAsync("data/old", new(Encoding.UTF8.GetBytes("old bytes")), default);
        _time.Advance(TimeSpan.FromDays(30));
        // As the file of a copy is that has just begun: as old as what it is made of.
        var begun = Path.Combine(_folder.Path, "staging", $"put-{_time.GetUtcNow().UtcTicks}-0123");
        File.Copy(Path.Combine(_folder.Path, "objects", "data", "old"), begun);
        var left = Path.Combine(_folder.Path, "staging", $"put-{(_time.GetUtcNow() - TimeSpan.FromDays(8)).UtcTicks}-4567");
        await File.WriteAllTextAsync(left, "of a process that was killed");
        await StageAsync("data/x", "a", "a");
        Assert.True(File.Exists(begun));
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task Half_a_line_of_a_list_is_no_block()
    {
        await StageAsync("data/x", "a", "a");
        var list = Assert.Single(_folder.StagedFiles(), f => f.EndsWith(".blocks", StringComparison.Ordinal));
        await File.AppendAllTextAsync(list, "b\t1\t1");
        using var other = _folder.Open();
        Assert.Equal(WriteOutcome.NotFound, await other.Objects.CommitBlocksAsync("data/x", ["a", "b"], default));
        Assert.Equal(WriteOutcome.Done, await other.Objects.CommitBlocksAsync("data/x", ["a"], default));
        Assert.Equal("a", await ReadAsync("data/x"));
    }

    [Fact]
    public async Task A_list_that_promises_more_than_there_is_makes_no_object()
    {
        await StageAsync("data/x", "a", "a");
        var list = Assert.Single(_folder.StagedFiles(), f => f.EndsWith(".blocks", StringComparison.Ordinal));
        await File.AppendAllTextAsync(list, "b\t1\t100\t1\n");
        using var other = _folder.Open();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => other.Objects.CommitBlocksAsync("data/x", ["a", "b"], default));
        Assert.Null(await Objects.FindAsync("data/x", default));
        Assert.DoesNotContain(_folder.StagedFiles(), f => f.Contains("/put-", StringComparison.Ordinal));
    }

    // The framework does not tell it.
    private static string InodeOf(string file)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%i", file]) { RedirectStandardOutput = true })!;
        var inode = stat.StandardOutput.ReadToEnd();
        stat.WaitForExit();
        Assert.Equal(0, stat.ExitCode);
        return inode;
    }

    private Task StageAsync(string name, string id, string text) => Objects.StageBlockAsync(name, id, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), default);

    private async Task<string> ReadAsync(string name)
    {
        await using var stream = await Objects.OpenAsync(name, 0, null, default);
        return await new StreamReader(stream!).ReadToEndAsync();
    }
}
