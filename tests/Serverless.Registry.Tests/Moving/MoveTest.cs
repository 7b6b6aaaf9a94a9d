using System.Buffers;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Moving;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Backup;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Moving;

/// <summary>A registry, and stores that it is moved to.</summary>
public abstract class MoveTest
{
    internal TestRegistry Source { get; private protected set; } = new(maxPageSize: 3);

    internal TestRegistry Target { get; private protected set; } = new(maxPageSize: 3);

    internal List<MoveFinding> Findings { get; } = [];

    internal Repository App => Source.Repository;

    internal static MoveOptions Last { get; } = new() { Final = true };

    /// <summary>Lets time pass for both.</summary>
    internal void Wait(TimeSpan time)
    {
        Source.Time.Advance(time);
        Target.Time.Advance(time);
    }

    /// <summary>One run, by a process of its own.</summary>
    internal async Task<(MoveResult Result, MoveProgress Progress)> MoveAsync(MoveOptions? options = null, ITableStore? from = null)
    {
        var progress = new MoveProgress();
        var registry = new ContainerRegistry(from ?? Source.Tables, Source.Objects, Source.Options, Source.Time);
        return (await registry.MoveTo(Target.Tables, Target.Objects).RunAsync(options ?? new MoveOptions(), progress, Findings.Add, default), progress);
    }

    /// <summary>The source is read-only, and two minutes pass.</summary>
    internal async Task MakeReadOnlyAsync()
    {
        await Source.Registry.Switches.SetAsync(new SwitchState(ReadOnly: true), default);
        Wait(Last.Rest + TimeSpan.FromSeconds(1));
    }

    internal async Task<MoveProgress> FinishAsync()
    {
        await MakeReadOnlyAsync();
        var (result, progress) = await MoveAsync(Last);
        Assert.Equal(new MoveResult(true, true), result);
        return progress;
    }

    /// <summary>A little of everything that a registry stores.</summary>
    internal async Task FillAsync()
    {
        var first = await TestRegistry.PushImageAsync(App, "1", "v1", "latest");
        var second = await TestRegistry.PushImageAsync(App, "2", "v2");
        var inner = ManifestBuilder.ForIndex().Append(first.Descriptor).Append(second.Descriptor).Build();
        await App.Manifests.PutAsync(inner, TestRegistry.TagsOf("inner"), default);
        await App.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(inner.Descriptor).Append(first.Descriptor).Build(), TestRegistry.TagsOf("all"), default);
        await App.Manifests.PutAsync(await TestRegistry.BuildImageAsync(App, "s", b => (b.Subject, b.ArtifactType) = (second.Descriptor, "application/signature")), [], default);
        await App.Tags.PutAsync(Tag.Parse("latest"), second.Digest, default);
        await App.Tags.NotePullAsync(TestRegistry.By("v1"), default);
        await Source.Registry.Locks.LockAsync(App.Name, TestRegistry.By("v1"), "ann", default);

        var other = Source.Open("b");
        var large = Any.Content((3 * TestRegistry.BlockSize) + 5);
        var blob = await other.Blobs.PutAsync(TestRegistry.Body(large), Digest.Compute(DigestAlgorithm.Sha512, large), default);
        var image = await TestRegistry.BuildImageAsync(other, "3", b => b.Append(blob with { MediaType = MediaTypes.OciLayerGzip }));
        byte[] payload = [.. image.Payload.Span, .. Enumerable.Repeat((byte)' ', 700 * 1024)];
        await other.Manifests.PutAsync(ManifestTypes.Default.Parse(image.MediaType, payload, DigestAlgorithm.Sha512), TestRegistry.TagsOf("large"), default);
        await other.Blobs.PutAsync(Array.Empty<byte>(), default);
        await (await other.Blobs.StartRecordedUploadAsync(default)).AppendAsync(TestRegistry.Body(large[..100]), null, default);

        var gone = await TestRegistry.PushImageAsync(other, "4", "old");
        await other.Manifests.DeleteAsync(gone.Digest, default);
        var accounts = new AccountStore(Source.Tables, Source.Time);
        await accounts.AddAsync(new Account { Name = AccountName.Parse("ann"), Scopes = ["team"] }, default);
        await accounts.AddAsync(new Account { Name = AccountName.Parse("ci"), IsRobot = true, PasswordHashes = ["a", "b"] }, default);
        await new ScopeMapStore(Source.Tables, new Dictionary<string, AccessRights>()).SetAsync("team", new AccessRights([AccessRule.Parse("team/*:pull,push")]), default);
    }

    /// <summary>Something goes, something comes, and tags move.</summary>
    internal async Task ChangeAsync()
    {
        var third = await TestRegistry.PushImageAsync(App, "5", "v5", "latest");
        await App.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(third.Descriptor).Build(), TestRegistry.TagsOf("all"), default);
        await App.Tags.DeleteAsync(Tag.Parse("inner"), default);
        await Source.Registry.RemoveAsync(RepositoryName.Parse("b"), default);
        await new AccountStore(Source.Tables, Source.Time).DeleteAsync(AccountName.Parse("ann"), default);
    }

    /// <summary>What nobody needs any more goes, as far as graces go.</summary>
    internal async Task CollectAsync(TestRegistry registry)
    {
        for (var i = 0; i < 4; i++)
        {
            Wait(registry.Options.Grace + TimeSpan.FromSeconds(1));
            await registry.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions { DeleteUntagged = true }, null, default);
        }
    }

    /// <summary>Rows that make a registry what it is, as text. Those that say who is at work are not among them.</summary>
    internal static async Task<List<string>> RowsAsync(TestRegistry registry)
    {
        List<string> rows = [];
        foreach (var table in new[] { TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable })
        {
            await foreach (var row in registry.Tables.ListAsync(table, RowQuery.All, default))
            {
                var isBusy = row.Key.Row.StartsWith("u:", StringComparison.Ordinal) || row.Key.Partition == "tasks" || row.Key == TableKeys.Switches;
                var values = row.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={(p.Value is byte[] bytes ? Convert.ToHexString(bytes) : p.Value)}");
                if (!isBusy) rows.Add($"{table} {row.Key.Partition}|{row.Key.Row} {string.Join(' ', values)}");
            }
        }

        return rows;
    }

    /// <summary>The target is what the source is: rows, bytes, and what clients see.</summary>
    internal async Task AssertMovedAsync()
    {
        Assert.Empty(Findings);
        Assert.Equal(await RowsAsync(Source), await RowsAsync(Target));
        Assert.Equal(await BackupTest.SeenAsync(Source), await BackupTest.SeenAsync(Target));
        Assert.Equal(await ObjectsAsync(Source), await ObjectsAsync(Target));
        Assert.True((await Target.NewInstance().Identity.ReadAsync(default)) is { Agrees: true, IsMarked: true });
        await BackupTest.AssertWholeAsync(Target);
    }

    /// <summary>Stores with the same content, at the same time.</summary>
    internal static async Task<TestRegistry> CloneAsync(TestRegistry registry)
    {
        var clone = new TestRegistry(registry.Options, maxPageSize: 3);
        clone.Time.Advance(registry.Time.GetUtcNow() - clone.Time.GetUtcNow());
        foreach (var table in new[] { TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable })
        {
            await foreach (var row in registry.Tables.ListAsync(table, RowQuery.All, default)) await clone.Tables.WriteAsync(table, new RowWrite.Insert(row.Key, row.Properties), default);
        }

        await foreach (var found in registry.Objects.ListAsync("", default)) await clone.Objects.PutAsync(found.Name, new ReadOnlySequence<byte>(await ReadAsync(registry.Objects, found.Name)), default);
        return clone;
    }

    internal static async Task<byte[]> ReadAsync(IObjectStore objects, string name)
    {
        await using var stream = await objects.OpenAsync(name, 0, null, default);
        using var bytes = new MemoryStream();
        await stream!.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    internal static async Task AssertSoundAsync(TestRegistry registry) => (await StoreAudit.ReadAsync((registry.Tables, registry.Objects))).AssertSound();

    /// <summary>Objects that blobs name.</summary>
    private static async Task<IReadOnlyList<string>> ObjectsAsync(TestRegistry registry)
    {
        var audit = await StoreAudit.ReadAsync((registry.Tables, registry.Objects));
        return [.. (await registry.ObjectNamesAsync()).Except(audit.OrphanObjects)];
    }
}
