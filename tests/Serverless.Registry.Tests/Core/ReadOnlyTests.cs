using System.IO.Pipelines;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.GarbageCollection;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Core;

/// <summary>Read-only mode that is switched on while something is under way: what takes long asks again before each step that cannot be taken back.</summary>
public sealed class ReadOnlyTests : GarbageTest
{
    private static readonly byte[] s_content = Any.Content((2 * BlockSize) + 100);

    private CollectionOptions Untagged => new() { DeleteUntagged = true, UntaggedAge = Test.Options.Grace };

    [Fact]
    public async Task A_chunk_that_comes_when_it_is_switched_on_is_not_recorded()
    {
        var upload = await Repository.Blobs.StartUploadAsync(default);
        await AssertRefusedWhileComingAsync(body => upload.AppendAsync(body, null, default));
        Assert.Empty(await ListAsync(Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(null, TableKeys.UploadPrefix), default)));
    }

    [Fact]
    public async Task A_last_chunk_finishes_nothing()
    {
        var upload = await Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body([1]), null, default);
        byte[] whole = [1, .. s_content];
        await AssertRefusedWhileComingAsync(body => upload.CommitAsync(Sha256Of(whole), body, null, default));
        await WritableAsync();
        Assert.Equal(1, await upload.GetSizeAsync(default));
    }

    [Fact]
    public async Task A_whole_blob_is_not_stored()
    {
        await AssertRefusedWhileComingAsync(body => Repository.Blobs.PutAsync(body, Sha256Of(s_content), default));
        Assert.Empty(await Test.ObjectNamesAsync());
    }

    [Fact]
    public async Task A_run_of_each_kind_stops_before_its_first_deletion()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        await Repository.Tags.DeleteAsync(Tag.Parse("v1"), default);
        await PushImageAsync(Repository, "2", "v2");
        var left = await Repository.Blobs.StartUploadAsync(default);
        await left.AppendAsync(Body([1]), null, default);
        await CollectAsync();
        Test.Time.Advance(TimeSpan.FromDays(5));
        await ReadOnlyAsync();
        var before = await SnapshotAsync();
        await AssertRefusedAsync(RegistryError.Unsupported, () => CollectAsync());
        RetentionRule rule = new() { Tags = "v2", OlderThan = TimeSpan.FromDays(1) };
        await AssertRefusedAsync(RegistryError.Unsupported, () => Test.Registry.Retention.ApplyAsync([rule], false, null, default));
        Assert.Equal(before, await SnapshotAsync());

        // To look is no deletion.
        Assert.Single(await ListRetiredAsync(rule));
        await WritableAsync();
        await CollectAllAsync(Untagged);
        Assert.Null(await Repository.Manifests.FindAsync(By(image.Digest), default));
    }

    [Fact]
    public async Task A_run_stops_in_its_midst()
    {
        await PushImageAsync(Test.Open("a/app"), "1");
        await PushImageAsync(Test.Open("b/app"), "2");
        await CollectAsync();
        Test.Time.Advance(TimeSpan.FromDays(5));
        List<CollectedItem> collected = [];
        await AssertRefusedAsync(RegistryError.Unsupported, () => Test.Registry.GarbageCollector.CollectAsync(Untagged with { MaxParallel = 1 }, item =>
        {
            collected.Add(item);
            if (collected.Count > 1) return;
            // Whoever looks at the switches after five seconds.
            Test.NewInstance().Switches.SetAsync(new SwitchState(ReadOnly: true), default).Wait();
            Test.Time.Advance(TimeSpan.FromSeconds(6));
        }, default));
        Assert.Single(collected.Select(item => item.Repository).Distinct());
    }

    [Fact]
    public async Task A_verification_repairs_nothing()
    {
        await PushImageAsync(Repository, "1", "v1");
        await Test.Objects.PutAsync("data/00/orphan", new((byte[])[1]), default);
        Test.Time.Advance(TimeSpan.FromDays(5));
        await ReadOnlyAsync();
        await AssertRefusedAsync(RegistryError.Unsupported, () => Test.Registry.Verifier.RunAsync(new VerifyOptions { Repair = true }, null, default));
        Assert.Contains("data/00/orphan", await Test.ObjectNamesAsync());
    }

    private async Task AssertRefusedWhileComingAsync(Func<PipeReader, Task> push)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(s_content.AsMemory(0, BlockSize));
        var pushing = push(pipe.Reader);
        await ReadOnlyAsync();
        await pipe.Writer.WriteAsync(s_content.AsMemory(BlockSize));
        await pipe.Writer.CompleteAsync();
        await AssertRefusedAsync(RegistryError.Unsupported, () => pushing);
    }

    private async Task<List<RetiredTag>> ListRetiredAsync(RetentionRule rule)
    {
        List<RetiredTag> retired = [];
        await Test.Registry.Retention.ApplyAsync([rule], true, retired.Add, default);
        return retired;
    }

    private async Task<IReadOnlyList<string>> SnapshotAsync() => [.. (await StoreAudit.ReadAsync((Test.Tables, Test.Objects))).Rows];

    private Task ReadOnlyAsync() => SwitchAsync(new SwitchState(ReadOnly: true));

    private Task WritableAsync() => SwitchAsync(new SwitchState());

    // By another instance, which this one learns of within five seconds.
    private async Task SwitchAsync(SwitchState state)
    {
        await Test.NewInstance().Switches.SetAsync(state, default);
        Test.Time.Advance(TimeSpan.FromSeconds(6));
    }
}
