using System.Buffers;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Moving;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Moving;

/// <summary>Targets and sources that are left alone, and who may write to a target when.</summary>
public sealed class MoveRefusalTests : MoveTest
{
    [Fact]
    public async Task Nothing_to_move_is_refused() => await AssertRefusedAsync("nothing was ever written to the source");

    [Fact]
    public async Task A_source_whose_bytes_are_another_registrys_is_refused()
    {
        await FillAsync();
        await Source.Objects.DeleteAsync(TableKeys.MarkerObject, null, default);
        await AssertRefusedAsync("tables and container of the source are not of one registry");
    }

    [Fact]
    public async Task A_source_of_a_newer_release_is_refused()
    {
        await FillAsync();
        await Source.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(TableKeys.Format, new Dictionary<string, object> { ["reader"] = 1000 }, "*"), default);
        await AssertRefusedAsync("is for releases of format 1000 and later");
    }

    [Fact]
    public async Task A_target_that_is_another_registry_is_refused()
    {
        await FillAsync();
        await TestRegistry.PushImageAsync(Target.Repository, "theirs", "v1");
        var rows = await RowsAsync(Target);
        await AssertRefusedAsync("the target holds another registry");
        await AssertRefusedAsync("the target holds another registry", new MoveOptions { Replace = true });
        await Target.Objects.DeleteAsync(TableKeys.MarkerObject, null, default);
        await AssertRefusedAsync("the target holds another registry");
        Assert.Equal(rows, await RowsAsync(Target));
    }

    [Fact]
    public async Task Bytes_and_rows_of_somebody_are_no_new_target()
    {
        await FillAsync();
        await Target.Objects.PutAsync("data/00/x", new ReadOnlySequence<byte>([1]), default);
        await AssertRefusedAsync("the object data/00/x");
        await Target.Objects.DeleteAsync("data/00/x", null, default);
        await Target.Tables.WriteAsync(TableKeys.BlobsTable, RowWrite.Note(new RowKey("somebody", "~x")), default);
        await AssertRefusedAsync("in the table blobs the row somebody|~x");
    }

    [Fact]
    public async Task The_same_storage_is_no_target_by_whatever_name_it_is_reached()
    {
        await FillAsync();
        await MakeReadOnlyAsync();
        var move = Source.NewInstance().MoveTo(Source.Tables, Source.Objects);
        await RefusedAsync("source and target are the same storage", () => move.RunAsync(Last with { Replace = true }, new MoveProgress(), null, default));
        // Tables of its own beside the source's container.
        var mixed = Source.NewInstance().MoveTo(Target.Tables, Source.Objects);
        await RefusedAsync("source and target are the same storage", () => mixed.RunAsync(Last with { Replace = true }, new MoveProgress(), null, default));
        Assert.True((await Source.NewInstance().Identity.ReadAsync(default)).Agrees);
        Assert.Empty((await StoreAudit.ReadAsync((Source.Tables, Source.Objects))).AssertSound().OrphanObjects);
    }

    [Fact]
    public async Task Until_it_is_complete_nobody_writes_to_the_target()
    {
        await FillAsync();
        await MoveAsync();
        var early = Target.NewInstance();
        Assert.NotNull(await early.GetRepository(App.Name).Manifests.GetAsync(TestRegistry.By("v1"), default));
        await RefusedAsync("is missing", () => early.DemandWritableAsync(false, default).AsTask());
        await RefusedAsync("is missing", () => early.GarbageCollector.CollectAsync(new CollectionOptions(), null, default));
        await FinishAsync();
        await Target.NewInstance().DemandWritableAsync(false, default);
    }

    [Fact]
    public async Task A_complete_target_is_not_overwritten_by_mistake()
    {
        await FillAsync();
        await FinishAsync();
        var pushed = await TestRegistry.PushImageAsync(Target.Repository, "new", "new");
        await AssertRefusedAsync("the target holds this registry already, complete");
        await AssertRefusedAsync("the target holds this registry already, complete", Last);
        Assert.Equal(pushed.Digest, (await Target.Repository.Tags.FindAsync(Tag.Parse("new"), default))!.Digest);
    }

    [Fact]
    public async Task The_last_run_demands_that_the_source_is_read_only_and_has_been_so()
    {
        await FillAsync();
        await AssertRefusedAsync("the source is not read-only", Last);
        await Source.Registry.Switches.SetAsync(new SwitchState(ReadOnly: true), default);
        Wait(TimeSpan.FromMinutes(1));
        await AssertRefusedAsync("the source is read-only since", Last);
        Wait(TimeSpan.FromMinutes(2));
        Assert.True((await MoveAsync(Last)).Result.IsComplete);
    }

    [Fact]
    public async Task What_is_written_all_the_same_keeps_the_target_from_being_complete()
    {
        await FillAsync();
        await MakeReadOnlyAsync();
        // The setting of one instance was forgotten.
        await Source.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Touch(TableKeys.Tag(App.Name, Tag.Parse("v1"))), default);
        await AssertRefusedAsync("was written to at", Last);
        Assert.Null((await Target.NewInstance().Identity.ReadAsync(default)).Container);
        Wait(TimeSpan.FromMinutes(3));
        // That somebody pulls does no harm.
        await App.Tags.NotePullAsync(TestRegistry.By("v2"), default);
        Assert.True((await MoveAsync(Last)).Result.IsComplete);
    }

    [Fact]
    public async Task Read_only_by_the_settings_counts_like_the_switch()
    {
        await FillAsync();
        Wait(TimeSpan.FromMinutes(3));
        var registry = new ContainerRegistry(Source.Tables, Source.Objects, Source.Options with { Switches = new SwitchState(ReadOnly: true) }, Source.Time);
        Assert.Equal(new MoveResult(false, true), await registry.MoveTo(Target.Tables, Target.Objects).RunAsync(new MoveOptions(), new MoveProgress(), null, default));
        Assert.True((await registry.MoveTo(Target.Tables, Target.Objects).RunAsync(Last, new MoveProgress(), null, default)).IsComplete);
    }

    [Fact]
    public async Task Rows_that_come_in_no_order_end_the_move()
    {
        await FillAsync();
        var move = new ContainerRegistry(new Unordered(Source.Tables), Source.Objects, Source.Options, Source.Time).MoveTo(Target.Tables, Target.Objects);
        var problem = await Assert.ThrowsAsync<InvalidDataException>(() => move.RunAsync(new MoveOptions(), new MoveProgress(), null, default));
        Assert.Contains("is not read in order", problem.Message, StringComparison.Ordinal);
    }

    private Task AssertRefusedAsync(string because, MoveOptions? options = null) => RefusedAsync(because, () => MoveAsync(options));

    private static async Task RefusedAsync(string because, Func<Task> act) =>
        Assert.Contains(because, (await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, act)).Message, StringComparison.Ordinal);

    private sealed class Unordered(ITableStore inner) : Storage.PassingTableStore(inner)
    {
        public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            var page = await base.QueryAsync(table, query, continuation, cancellationToken);
            return query == RowQuery.All ? page with { Rows = [.. page.Rows.Reverse()] } : page;
        }
    }
}
