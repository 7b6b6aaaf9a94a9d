using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Core;

public sealed class AnnouncementsTests
{
    private static readonly RepositoryName s_repository = RepositoryName.Parse("team/app");
    private static readonly Digest s_digest = Digest.Compute(DigestAlgorithm.Sha256, []);

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryTableStore _tables;
    private readonly Announcements _announcements;

    public AnnouncementsTests()
    {
        _tables = new InMemoryTableStore(_time);
        _announcements = new Announcements(_tables, _time, TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task A_row_is_written_again_only_after_ten_minutes()
    {
        var start = _time.GetUtcNow();
        await AnnounceAsync(_announcements);
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        await AnnounceAsync(_announcements);
        Assert.All(await WrittenAsync(), t => Assert.Equal(start, t));
        _time.Advance(TimeSpan.FromTicks(1));
        await AnnounceAsync(_announcements);
        Assert.All(await WrittenAsync(), t => Assert.Equal(start + TimeSpan.FromMinutes(10), t));
    }

    [Fact]
    public async Task Another_instance_remembers_nothing()
    {
        await AnnounceAsync(_announcements);
        _time.Advance(TimeSpan.FromMinutes(1));
        await AnnounceAsync(new Announcements(_tables, _time, TimeSpan.FromMinutes(10)));
        Assert.All(await WrittenAsync(), t => Assert.Equal(_time.GetUtcNow(), t));
    }

    [Fact]
    public async Task Repositories_are_remembered_each_for_itself()
    {
        await _announcements.ListRepositoryAsync(s_repository, default);
        await _announcements.ListRepositoryAsync(RepositoryName.Parse("team/other"), default);
        Assert.NotNull(await _tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(RepositoryName.Parse("team/other")), default));
        Assert.Null(await _tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(s_repository), default));
    }

    [Fact]
    public async Task A_forgotten_repository_is_listed_anew()
    {
        await _announcements.ListRepositoryAsync(s_repository, default);
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Catalog(s_repository), "*"), default);
        await _announcements.ListRepositoryAsync(s_repository, default);
        Assert.Null(await _tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(s_repository), default));
        _announcements.ForgetRepository(s_repository);
        await _announcements.ListRepositoryAsync(s_repository, default);
        Assert.NotNull(await _tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(s_repository), default));
    }

    [Fact]
    public async Task A_due_time_in_the_row_stays()
    {
        var due = new Dictionary<string, object> { ["due"] = 42L };
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(TableKeys.QueuedRepository(s_repository), due), default);
        await _announcements.QueueRepositoryAsync(s_repository, default);
        Assert.Equal(42, (await _tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(s_repository), default))!.GetInt64("due"));
    }

    private static async Task AnnounceAsync(Announcements announcements)
    {
        await announcements.QueueRepositoryAsync(s_repository, default);
        await announcements.QueueDigestAsync(s_digest, default);
        await announcements.ListRepositoryAsync(s_repository, default);
    }

    private async Task<List<DateTimeOffset>> WrittenAsync()
    {
        List<DateTimeOffset> times = [];
        foreach (var key in (RowKey[])[TableKeys.QueuedRepository(s_repository), TableKeys.QueuedDigest(s_digest), TableKeys.Catalog(s_repository)])
        {
            times.Add((await _tables.FindAsync(TableKeys.SystemTable, key, default))!.Timestamp);
        }

        return times;
    }
}
