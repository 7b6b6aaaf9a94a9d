using System.Buffers;
using System.Text;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Testing;

/// <summary>What every <see cref="IObjectStore"/> must do. Each store's tests inherit it.</summary>
public abstract class ObjectStoreContract
{
    protected abstract IObjectStore Store { get; }

    /// <summary>Whether clients can read from this store. Where they cannot, no URL is signed.</summary>
    protected virtual bool SignsUrls => true;

    /// <summary>Reads a signed URL as a client would; null when it is refused.</summary>
    protected abstract Task<string?> FetchAsync(Uri signed);

    [Fact]
    public async Task An_object_that_was_never_put_is_absent()
    {
        Assert.Null(await Store.FindAsync("data/none", default));
        Assert.Null(await Store.OpenAsync("data/none", 0, null, default));
        Assert.Equal(WriteOutcome.NotFound, await Store.DeleteAsync("data/none", null, default));
        Assert.Equal(WriteOutcome.NotFound, await Store.CommitBlocksAsync("data/none", ["a"], default));
        Assert.Empty(await NamesAsync("data/none"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    public async Task An_object_comes_back_as_it_was_put(string text)
    {
        Assert.Equal(WriteOutcome.Done, await Store.PutAsync("data/a", Bytes(text), default));
        Assert.Equal(text, await ReadAsync("data/a"));
        var found = await Store.FindAsync("data/a", default);
        Assert.Equal(("data/a", text.Length), (found!.Name, (int)found.Size));
        Assert.NotEqual(default, found.LastModified);
    }

    [Fact]
    public async Task An_object_is_written_once()
    {
        await Store.PutAsync("data/a", Bytes("old"), default);
        Assert.Equal(WriteOutcome.Exists, await Store.PutAsync("data/a", Bytes("new"), default));
        await Store.StageBlockAsync("data/a", "1", Bytes("new"), default);
        Assert.Equal(WriteOutcome.Exists, await Store.CommitBlocksAsync("data/a", ["1"], default));
        Assert.Equal("old", await ReadAsync("data/a"));
    }

    [Fact]
    public async Task Blocks_become_an_object_in_the_order_of_the_commit()
    {
        await Store.StageBlockAsync("data/a", "b2", Bytes("world"), default);
        await Store.StageBlockAsync("data/a", "b1", Bytes("hello "), default);
        await Store.StageBlockAsync("data/a", "b3", Bytes("left out"), default);
        Assert.Null(await Store.FindAsync("data/a", default));
        Assert.Null(await Store.OpenAsync("data/a", 0, null, default));
        Assert.Empty(await NamesAsync("data/"));
        Assert.Equal(WriteOutcome.Done, await Store.CommitBlocksAsync("data/a", ["b1", "b2"], default));
        Assert.Equal("hello world", await ReadAsync("data/a"));
        Assert.Equal(WriteOutcome.Exists, await Store.CommitBlocksAsync("data/a", ["b1", "b2"], default));
    }

    [Fact]
    public async Task A_commit_of_a_block_that_is_not_there_makes_nothing()
    {
        await Store.StageBlockAsync("data/a", "b1", Bytes("hello"), default);
        Assert.Equal(WriteOutcome.NotFound, await Store.CommitBlocksAsync("data/a", ["b1", "b2"], default));
        Assert.Null(await Store.FindAsync("data/a", default));
    }

    [Fact]
    public async Task A_block_of_many_pieces_is_staged_whole()
    {
        var content = Enumerable.Range(0, 300_000).Select(i => (byte)i).ToArray();
        await Store.StageBlockAsync("data/a", "1", ByteSequence.Join([content.AsMemory(0, 100_000), content.AsMemory(100_000, 1), content.AsMemory(100_001)]), default);
        await Store.CommitBlocksAsync("data/a", ["1"], default);
        await using var stream = await Store.OpenAsync("data/a", 0, null, default);
        using var read = new MemoryStream();
        await stream!.CopyToAsync(read);
        Assert.Equal(content, read.ToArray());
    }

    [Theory]
    [InlineData(0, 5, "hello")]
    [InlineData(6, null, "world")]
    [InlineData(4, 3, "o w")]
    public async Task A_part_of_an_object_can_be_opened(long offset, int? length, string expected)
    {
        await Store.PutAsync("data/a", Bytes("hello world"), default);
        await using var stream = await Store.OpenAsync("data/a", offset, length, default);
        Assert.Equal(expected, await new StreamReader(stream!).ReadToEndAsync());
    }

    [Fact]
    public async Task A_delete_needs_the_etag_it_names()
    {
        await Store.PutAsync("data/a", Bytes("x"), default);
        Assert.Equal(WriteOutcome.ETagMismatch, await Store.DeleteAsync("data/a", "\"0x0\"", default));
        var etag = (await Store.FindAsync("data/a", default))!.ETag;
        Assert.Equal(WriteOutcome.Done, await Store.DeleteAsync("data/a", etag, default));
        Assert.Null(await Store.FindAsync("data/a", default));
        Assert.Equal(WriteOutcome.NotFound, await Store.DeleteAsync("data/a", null, default));
    }

    [Fact]
    public async Task A_copy_makes_an_object_where_there_is_none()
    {
        Assert.Equal(WriteOutcome.NotFound, await Store.CopyAsync("data/a", 5, "data/b", null, default));
        await Store.PutAsync("data/a", Bytes("first"), default);
        Assert.Equal(WriteOutcome.Done, await Store.CopyAsync("data/a", 5, "data/b", null, default));
        Assert.Equal("first", await ReadAsync("data/b"));
        Assert.Equal("first", await ReadAsync("data/a"));
        await Store.PutAsync("data/c", Bytes("third"), default);
        Assert.Equal(WriteOutcome.Exists, await Store.CopyAsync("data/c", 5, "data/b", null, default));
        Assert.Equal("first", await ReadAsync("data/b"));
    }

    [Fact]
    public async Task A_copy_replaces_the_version_that_was_seen()
    {
        await Store.PutAsync("data/a", Bytes("right"), default);
        await Store.PutAsync("data/b", Bytes("wrong bytes"), default);
        var seen = (await Store.FindAsync("data/b", default))!.ETag;
        Assert.Equal(WriteOutcome.ETagMismatch, await Store.CopyAsync("data/a", 5, "data/b", "\"0x0\"", default));
        Assert.Equal("wrong bytes", await ReadAsync("data/b"));
        Assert.Equal(WriteOutcome.Done, await Store.CopyAsync("data/a", 5, "data/b", seen, default));
        Assert.Equal("right", await ReadAsync("data/b"));
        Assert.Equal(WriteOutcome.ETagMismatch, await Store.CopyAsync("data/a", 5, "data/b", seen, default));
        Assert.Equal(WriteOutcome.ETagMismatch, await Store.CopyAsync("data/a", 5, "data/none", seen, default));
    }

    [Fact]
    public async Task A_list_holds_the_objects_below_a_prefix_by_name()
    {
        foreach (var name in (string[])["data/b", "data/a", "other/c"]) await Store.PutAsync(name, Bytes(name), default);
        Assert.Equal(["data/a", "data/b"], await NamesAsync("data/"));
    }

    [Fact]
    public async Task A_list_tells_of_an_object_what_a_look_at_it_tells()
    {
        await Store.PutAsync("data/a", Bytes("hello"), default);
        var listed = Assert.Single(await Store.ListAsync("data/", default).ToListAsync());
        Assert.Equal(await Store.FindAsync("data/a", default), listed);
        Assert.Equal(WriteOutcome.Done, await Store.DeleteAsync("data/a", listed.ETag, default));
    }

    [Fact]
    public async Task A_signed_url_reads_that_object_until_it_ends_and_nothing_else()
    {
        await Store.PutAsync("data/a", Bytes("mine"), default);
        await Store.PutAsync("data/b", Bytes("other"), default);
        var url = await Store.SignReadAsync("data/a", TimeSpan.FromMinutes(5), default);
        Assert.Equal(SignsUrls, url is not null);
        if (!SignsUrls) return;
        Assert.Equal("mine", await FetchAsync(url!));
        Assert.Null(await FetchAsync(new Uri(url!.AbsoluteUri.Replace("data/a", "data/b", StringComparison.Ordinal).Replace("data%2Fa", "data%2Fb", StringComparison.Ordinal))));
        Assert.Null(await FetchAsync((await Store.SignReadAsync("data/a", TimeSpan.FromMinutes(-5), default))!));
    }

    protected static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private async Task<string> ReadAsync(string name)
    {
        await using var stream = await Store.OpenAsync(name, 0, null, default);
        return await new StreamReader(stream!).ReadToEndAsync();
    }

    private async Task<List<string>> NamesAsync(string prefix)
    {
        List<string> names = [];
        await foreach (var found in Store.ListAsync(prefix, default)) names.Add(found.Name);
        return names;
    }
}
