using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

public sealed class FormatRaiseTests : FormatRaiseTest
{
    public FormatRaiseTests() => TestRegistry.PushImageAsync(Test.Repository, "1", "v1").GetAwaiter().GetResult();

    [Fact]
    public async Task Once_it_is_raised_older_releases_neither_write_nor_collect()
    {
        Assert.Equal(new FormatRaised.Raised(Next), await RaiseAsync());
        Assert.Equal(new FormatReport(Next, null), await NewInstance(Old).Format.ReadAsync(default));
        Assert.Empty(Notes);
        var old = NewInstance(Old);
        await RefusedAsync(() => old.GetRepository(Test.Repository.Name).Blobs.PutAsync(Any.Content(10), default));
        await RefusedAsync(() => old.GarbageCollector.CollectAsync(new CollectionOptions(), null, default));
        await NewInstance(Next).GetRepository(Test.Repository.Name).Blobs.PutAsync(Any.Content(10), default);
    }

    [Fact]
    public async Task The_tasks_stand_afterwards_as_they_did()
    {
        using (var run = await ClaimAsync(Verify)) await run.CutOffAsync("half", default);
        var before = await StatesAsync();
        await RaiseAsync();
        Assert.Equal(before, await StatesAsync());
        Assert.Null(before.Collect);
    }

    [Fact]
    public async Task What_is_as_high_already_is_left_alone_and_costs_no_claim()
    {
        await RaiseAsync();
        using var running = await ClaimAsync(Collect);
        var probe = new StorageProbe();
        var tables = probe.Watch((Test.Tables, Test.Objects)).Tables;
        foreach (var wanted in (RegistryFormat[])[Next, new(1, 2), Old])
        {
            Assert.Equal(new FormatRaised.Already(Next), await NewInstance(Next, tables).Format.RaiseAsync(wanted, Options, null, default));
        }

        Assert.DoesNotContain(probe.Calls, c => c.StartsWith("write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_number_is_raised_and_the_other_stays()
    {
        Assert.Equal(new FormatRaised.Raised(new(1, 2)), await RaiseAsync(wanted: new(1, 2)));
        Assert.Equal(new FormatRaised.Raised(Next), await RaiseAsync(wanted: new(2, 1)));
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(2, 3)]
    [InlineData(0, 1)]
    public async Task A_release_does_not_lock_itself_out(int reader, int collector)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => RaiseAsync(wanted: new(reader, collector)));
        Assert.Equal(Old, await StoredAsync());
    }

    [Fact]
    public async Task An_older_release_raises_nothing_of_a_newer_ones()
    {
        await SetAsync(new RegistryFormat(3, 1).ToProperties());
        await RefusedAsync(() => RaiseAsync());
        Assert.Equal(new FormatRaised.Already(new(3, 1)), await RaiseAsync(wanted: new(2, 1)));
        Assert.Equal((null, null), await StatesAsync());
    }

    [Fact]
    public async Task What_only_a_newer_release_knows_of_the_row_stays()
    {
        await SetAsync(new Dictionary<string, object>(Old.ToProperties()) { ["writer"] = 1 });
        await RaiseAsync();
        Assert.Equal(1, (await Test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Format, default))!.Properties["writer"]);
    }

    [Fact]
    public async Task A_registry_that_is_new_is_made_with_the_number_of_this_release()
    {
        var test = new TestRegistry();
        Assert.Equal(new FormatReport(null, null), await test.Registry.Format.ReadAsync(default));
        Assert.Equal(new FormatRaised.Already(RegistryFormat.Current), await test.Registry.Format.RaiseAsync(RegistryFormat.Current, Options, null, default));
        await test.NewInstance().GetRepository(test.Repository.Name).Blobs.PutAsync(Any.Content(10), default);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("one", 1)]
    [InlineData(1, -1)]
    [InlineData(1, null)]
    public async Task What_nobody_can_judge_is_written_anew_by_force_only(object? reader, object? collector)
    {
        await SetAsync(new[] { ("reader", reader), ("collector", collector) }.Where(p => p.Item2 is not null).ToDictionary(p => p.Item1, p => p.Item2!));
        if (reader is null) await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Format, "*"), default);
        var report = await NewInstance(Next).Format.ReadAsync(default);
        Assert.Contains("'format'", report.Problem, StringComparison.Ordinal);
        Assert.Contains("force", (await RefusedAsync(() => RaiseAsync())).Message, StringComparison.Ordinal);
        Assert.Equal((report, (null, null)), (await NewInstance(Next).Format.ReadAsync(default), await StatesAsync()));
        Assert.Equal(new FormatRaised.Raised(Next), await RaiseAsync(Options with { Force = true }));
        Assert.Equal(Next, await StoredAsync());
    }

    [Fact]
    public async Task A_number_that_can_be_read_is_not_lowered_by_force()
    {
        await SetAsync(new Dictionary<string, object> { ["reader"] = 3, ["collector"] = "?" });
        await RefusedAsync(() => RaiseAsync(Options with { Force = true }));
        await SetAsync(new Dictionary<string, object> { ["reader"] = "?", ["collector"] = 3 });
        Assert.Equal(new FormatRaised.Raised(new(2, 3)), await RaiseAsync(Options with { Force = true }));
    }

    [Fact]
    public async Task Tables_without_their_bytes_are_left_alone()
    {
        await Test.Objects.DeleteAsync(TableKeys.MarkerObject, null, default);
        await RefusedAsync(() => RaiseAsync(Options with { Force = true }));
        Assert.Equal((Old, (null, null)), (await StoredAsync(), await StatesAsync()));
    }

    private async Task SetAsync(IReadOnlyDictionary<string, object> properties) => await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Format, properties), default);

    private static Task<RegistryException> RefusedAsync(Func<Task> act) => TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, act);
}
