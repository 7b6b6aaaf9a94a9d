using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Tags;

public sealed class PullNoteTests
{
    private static readonly Tag s_tag = Tag.Parse("v1");

    private readonly TestRegistry _test = new();
    private readonly StorageProbe _probe = new();
    private readonly TagStore _tags;

    public PullNoteTests() => _tags = NewInstance();

    [Fact]
    public async Task A_pull_is_noted_with_the_time_of_storage()
    {
        Assert.Null(await _tags.FindLastPullAsync(new Reference(s_tag), default));
        Assert.True(await _tags.NotePullAsync(new Reference(s_tag), default));
        Assert.Equal(_test.Time.GetUtcNow(), await _tags.FindLastPullAsync(new Reference(s_tag), default));
        Assert.Null(await _tags.FindLastPullAsync(By("v2"), default));
    }

    [Fact]
    public async Task A_tag_is_written_at_most_once_in_an_hour()
    {
        var start = _test.Time.GetUtcNow();
        await _tags.NotePullAsync(new Reference(s_tag), default);
        _probe.Reset();
        _test.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.True(await _tags.NotePullAsync(new Reference(s_tag), default));
        Assert.Empty(_probe.Calls);
        Assert.Equal(start, await _tags.FindLastPullAsync(new Reference(s_tag), default));
        _probe.Reset();
        _test.Time.Advance(TimeSpan.FromTicks(1));
        Assert.True(await _tags.NotePullAsync(new Reference(s_tag), default));
        Assert.Equal(["write registry UpsertMerge p:v1"], _probe.Calls);
        Assert.Equal(_test.Time.GetUtcNow(), await _tags.FindLastPullAsync(new Reference(s_tag), default));
    }

    [Fact]
    public async Task A_note_is_one_round_trip_even_the_first()
    {
        _probe.Delay = TimeSpan.FromMilliseconds(20);
        await _tags.NotePullAsync(new Reference(s_tag), default);
        Assert.Equal(1, _probe.Steps);
    }

    [Fact]
    public async Task Of_many_pulls_at_once_one_writes()
    {
        _probe.Delay = TimeSpan.FromMilliseconds(20);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _tags.NotePullAsync(new Reference(s_tag), default)));
        Assert.Single(_probe.Calls, c => c.EndsWith("p:v1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_note_of_a_registry_stays_as_old_as_it_is()
    {
        await _tags.NotePullAsync(new Reference(s_tag), default);
        var first = await _test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.FirstPull, default);
        _test.Time.Advance(TimeSpan.FromDays(1));
        await NewInstance().NotePullAsync(new Reference(s_tag), default);
        Assert.Equal(first!.Timestamp, (await _test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.FirstPull, default))!.Timestamp);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Storage_that_does_not_answer_fails_no_pull_and_is_left_alone_for_an_hour(int call)
    {
        _probe.FailAt(call, StorageFault.Unavailable);
        Assert.False(await _tags.NotePullAsync(new Reference(s_tag), default));
        _probe.Reset();
        await _tags.NotePullAsync(new Reference(s_tag), default);
        Assert.Empty(_probe.Calls);
        _test.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(await _tags.NotePullAsync(new Reference(s_tag), default));
        Assert.Equal(_test.Time.GetUtcNow(), await _tags.FindLastPullAsync(new Reference(s_tag), default));
        Assert.NotNull(await _test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.FirstPull, default));
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_the_note_to_the_next()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _tags.NotePullAsync(new Reference(s_tag), new CancellationToken(true)));
        Assert.True(await _tags.NotePullAsync(new Reference(s_tag), default));
        Assert.NotNull(await _tags.FindLastPullAsync(new Reference(s_tag), default));
    }

    [Fact]
    public async Task What_is_remembered_is_bounded_and_what_is_forgotten_is_written_again()
    {
        for (var i = 0; i < 10_001; i++) await _tags.NotePullAsync(By($"t{i}"), default);
        _probe.Reset();
        await _tags.NotePullAsync(By("t10000"), default);
        Assert.Empty(_probe.Calls);
        await _tags.NotePullAsync(By("t0"), default);
        Assert.Single(_probe.Calls);
    }

    private TagStore NewInstance()
    {
        var (tables, objects) = _probe.Watch((_test.Tables, _test.Objects));
        return new ContainerRegistry(tables, objects, _test.Options, _test.Time).GetRepository(_test.Repository.Name).Tags;
    }
}
