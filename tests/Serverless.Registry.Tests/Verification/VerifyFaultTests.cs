using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Something cannot be checked, and the rest is.</summary>
public sealed class VerifyFaultTests : VerifyTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_row_that_storage_does_not_give_does_not_end_the_run(bool nonsense)
    {
        await BreakAsync();
        var key = TableKeys.Link(Image.Content.Blobs[0].Digest, Name);
        var tables = new FailingFinds(Test.Tables, k => k == key, nonsense);
        var registry = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time);
        List<VerifyFinding> findings = [];
        var summary = await registry.Verifier.RunAsync(new VerifyOptions(), findings.Add, default);
        Assert.Equal([VerifyKind.OrphanBytes, VerifyKind.LinkWithoutHint, VerifyKind.TagWithoutManifest, VerifyKind.Unchecked], findings.Select(f => f.Kind).Order());
        var skipped = findings.Single(f => f.Kind == VerifyKind.Unchecked);
        Assert.Equal((Name, Image.Content.Blobs[0].Digest), (skipped.Repository, skipped.Digest));
        Assert.Contains("could not be checked", skipped.Note, StringComparison.Ordinal);
        Assert.False(summary.IsComplete);
        // What is in use is not known, so nothing was deleted.
        Assert.False(findings.Single(f => f.Kind == VerifyKind.OrphanBytes).Repaired);

        var (again, whole) = await RunAsync(new VerifyOptions());
        Assert.True(whole.IsComplete);
        Assert.True(again.Single(f => f.Kind == VerifyKind.OrphanBytes).Repaired);
    }

    [Fact]
    public async Task Storage_that_answers_nothing_ends_the_run_soon()
    {
        for (var i = 0; i < 50; i++) await TestRegistry.PushImageAsync(Test.Open($"r{i}"), $"{i}", "v1");
        foreach (var name in await Test.ObjectNamesAsync()) await Test.Objects.DeleteAsync(name, null, default);
        List<VerifyFinding> findings = [];
        var registry = new ContainerRegistry(Test.Tables, new FailingObjects(Test.Objects, _ => true, _ => false), Test.Options, Test.Time);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => registry.Verifier.RunAsync(new VerifyOptions(), findings.Add, default));
        Assert.InRange(findings.Count, 1, 5);
    }

    [Fact]
    public async Task Failures_that_are_not_in_a_row_do_not_end_the_run()
    {
        await PutObjectAsync("data/aa/orphan", "orphan");
        for (var i = 0; i < 20; i++) await TestRegistry.PushImageAsync(Test.Open($"r{i}"), $"{i}", "v1");
        foreach (var name in Enumerable.Range(0, 20).Select(i => RepositoryName.Parse($"r{i}")))
        {
            var hints = await TestRegistry.ListAsync(Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(name), TableKeys.HintPrefix), default));
            foreach (var hint in hints) await DropAsync(TableKeys.RegistryTable, hint.Key);
        }

        Wait();
        var odd = 0;
        var tables = new FailingFinds(Test.Tables, k => k.Partition.StartsWith("sha256:", StringComparison.Ordinal) && odd++ % 3 == 0, false);
        List<VerifyFinding> findings = [];
        var summary = await new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).Verifier.RunAsync(new VerifyOptions(), findings.Add, default);
        Assert.True(findings.Count(f => f.Kind == VerifyKind.Unchecked) > 10);
        Assert.True(findings.Count(f => f.Kind == VerifyKind.LinkWithoutHint) > 10);
        Assert.False(summary.IsComplete);
    }

    [Fact]
    public async Task Bytes_that_cannot_be_read_here_and_there_do_not_end_the_run()
    {
        for (var i = 0; i < 20; i++) await TestRegistry.PushImageAsync(Test.Open($"r{i}"), $"{i}", "v1");
        var opened = 0;
        var registry = new ContainerRegistry(Test.Tables, new FailingObjects(Test.Objects, _ => false, _ => opened++ % 3 == 0), Test.Options, Test.Time);
        List<VerifyFinding> findings = [];
        var summary = await registry.Verifier.RunAsync(Rehash, findings.Add, default);
        Assert.Equal((opened + 2) / 3, findings.Count(f => f.Kind == VerifyKind.Unchecked));
        Assert.True(findings.Count > 10);
        Assert.All(findings, f => Assert.Equal(VerifyKind.Unchecked, f.Kind));
        Assert.False(summary.IsComplete);
    }

    [Fact]
    public async Task Orphans_go_unless_somebody_wants_to_keep_them_or_the_registry_is_read_only()
    {
        await PutObjectAsync("data/aa/orphan", "orphan");
        Wait();
        var readOnly = new ContainerRegistry(Test.Tables, Test.Objects, Test.Options with { Switches = new SwitchState { ReadOnly = true } }, Test.Time);
        Assert.False(Assert.Single(await VerifyAsync(readOnly, new VerifyOptions())).Repaired);
        Assert.False(Assert.Single(await VerifyAsync(new VerifyOptions { DeleteOrphans = false })).Repaired);
        Assert.False(Assert.Single(await VerifyAsync(new VerifyOptions { DeleteOrphans = false, Repair = true })).Repaired);
        Assert.True(Assert.Single(await VerifyAsync(new VerifyOptions())).Repaired);
        Assert.Empty(await VerifyAsync(new VerifyOptions()));
    }

    /// <summary>An orphan, a tag without its manifest, and two links without hints.</summary>
    private async Task BreakAsync()
    {
        await PutObjectAsync("data/aa/orphan", "orphan");
        foreach (var blob in Image.Content.Blobs) await DropAsync(TableKeys.RegistryTable, TableKeys.Hint(Name, blob.Digest));
        var tag = (await FindAsync(TableKeys.RegistryTable, TableKeys.Tag(Name, Tag.Parse("v1"))))!;
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(TableKeys.Tag(RepositoryName.Parse("a"), Tag.Parse("lost")), tag.Properties), default);
        Wait();
    }

    private async Task<(List<VerifyFinding> Findings, VerifySummary Summary)> RunAsync(VerifyOptions options)
    {
        List<VerifyFinding> findings = [];
        var summary = await Test.Registry.Verifier.RunAsync(options, findings.Add, default);
        return (findings, summary);
    }

    /// <summary>Rows that are listed and not found.</summary>
    private sealed class FailingFinds(ITableStore inner, Func<RowKey, bool> fails, bool nonsense) : PassingTableStore(inner)
    {
        public override Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => !fails(key)
            ? Inner.FindAsync(table, key, cancellationToken)
            : throw (nonsense ? new InvalidDataException("Nonsense.") : new StorageUnavailableException("Storage does not answer."));
    }

    /// <summary>Objects that are listed, and some of which storage does not answer for.</summary>
    private sealed class FailingObjects(IObjectStore inner, Func<string, bool> failsToFind, Func<string, bool> failsToOpen) : PassingObjectStore(inner)
    {
        public override Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
            failsToFind(name) ? throw new StorageUnavailableException("Storage does not answer.") : Inner.FindAsync(name, cancellationToken);

        public override Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
            failsToOpen(name) ? throw new StorageUnavailableException("Storage does not answer.") : Inner.OpenAsync(name, offset, length, cancellationToken);
    }
}
