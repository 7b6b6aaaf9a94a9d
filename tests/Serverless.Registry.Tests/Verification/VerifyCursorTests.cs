using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Runs that are cut off, and those that go on from there.</summary>
public sealed class VerifyCursorTests : VerifyTest
{
    private string? _cursor;

    [Fact]
    public async Task A_run_in_pieces_finds_what_a_whole_run_finds_and_each_thing_once()
    {
        await BreakAsync();
        var whole = await VerifyAsync(Rehash);
        Assert.Equal(6, whole.Select(f => f.Kind).Distinct().Count());
        for (var length = 1; length < 12; length++)
        {
            _cursor = null;
            List<VerifyFinding> pieces = [];
            var count = 1;
            while (!await RunAsync(Test.Registry, Rehash, pieces, length)) count++;
            Assert.Equal(whole, pieces);
            Assert.True(length > 1 || count > 10);
        }
    }

    [Fact]
    public async Task Bytes_that_were_hashed_are_not_read_again()
    {
        var probe = new StorageProbe();
        var watched = probe.Watch((Test.Tables, Test.Objects));
        var registry = new ContainerRegistry(watched.Tables, watched.Objects, Test.Options, Test.Time);
        while (!await RunAsync(registry, Rehash, [], 1)) Assert.NotNull(_cursor);
        Assert.Equal(Image.Content.Blobs.Count, probe.Calls.Count(c => c == "open"));
    }

    [Fact]
    public async Task While_something_could_not_be_read_in_an_earlier_piece_no_bytes_are_deleted()
    {
        await PutObjectAsync("data/aa/orphan", "orphan");
        // The manifest cannot be parsed, which only a look at its content tells.
        var key = TableKeys.Manifest(Name, Image.Digest);
        var row = await FindAsync(TableKeys.RegistryTable, key);
        var properties = new Dictionary<string, object>(row!.Properties) { ["payload"] = "nonsense"u8.ToArray() };
        properties.Remove("references");
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(key, properties), default);
        Wait();
        await UnqueueAsync();
        List<VerifyFinding> findings = [];
        while (!await RunAsync(Test.Registry, Repair, findings, 1)) Assert.NotNull(_cursor);
        Assert.Equal([VerifyKind.Unreadable, VerifyKind.OrphanBytes], findings.Select(f => f.Kind));
        Assert.False(findings[1].Repaired);
    }

    [Fact]
    public async Task A_cursor_that_makes_no_sense_is_the_beginning()
    {
        await BreakAsync();
        List<VerifyFinding> findings = [];
        _cursor = "Repositories|x";
        Assert.True(await RunAsync(Test.Registry, Look, findings, int.MaxValue));
        Assert.Equal(await VerifyAsync(Look), findings);
    }

    /// <summary>Breaks something of each part, and a link of a repository that has no rows.</summary>
    private async Task BreakAsync()
    {
        foreach (var name in (string[])["a", "team/beta", "z"]) await TestRegistry.PushImageAsync(Test.Open(name), name, "v1");
        await PutObjectAsync("data/aa/orphan", "orphan");
        Wait();
        foreach (var name in (string[])["a", "team/beta", "z"]) await DropAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(RepositoryName.Parse(name)));
        await Test.Objects.DeleteAsync(await LocationAsync(Layer), null, default);
        await DropAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, Layer));
        await InsertAsync(TableKeys.RegistryTable, TableKeys.Hint(RepositoryName.Parse("z"), Image.Digest));
        await InsertAsync(TableKeys.BlobsTable, TableKeys.Link(TestRegistry.Sha256Of("gone"u8.ToArray()), RepositoryName.Parse("b")), ("size", 4L), ("location", "data/aa/gone"));
        var tag = (await FindAsync(TableKeys.RegistryTable, TableKeys.Tag(Name, Tag.Parse("v1"))))!;
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(TableKeys.Tag(RepositoryName.Parse("a"), Tag.Parse("lost")), tag.Properties), default);
        Wait();
    }

    /// <returns>Whether the run came to its end.</returns>
    private async Task<bool> RunAsync(ContainerRegistry registry, VerifyOptions options, List<VerifyFinding> findings, int length)
    {
        try
        {
            await registry.Verifier.RunAsync(options, findings.Add, new WalkCursor(_cursor, (reached, _) =>
            {
                _cursor = reached;
                return --length > 0 ? Task.CompletedTask : throw new OperationCanceledException();
            }), default);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
