using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;
using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Each rule of the order of writes, left out: the exploration must find what then goes wrong.</summary>
public sealed class RuleTests(ITestOutputHelper output) : ExplorationTest(output)
{
    [Fact]
    public Task Without_knowing_its_own_location_a_push_drops_its_own_bytes() => FindsAsync(
        "names bytes that are not there",
        Scenarios.PushWithLostAnswersAsync(),
        "push",
        stores =>
        {
            var pushes = new DropsItsBytes(stores);
            return new Stores(pushes, pushes.Objects);
        });

    [Fact]
    public Task Without_the_cutoff_before_the_first_read_something_young_goes() => FindsAsync(
        "names something that is not there", Scenarios.PushOfAnUnusedBlobAsync(), "collect", t => new ReadsBeforeTheClock(t));

    [Fact]
    public Task Without_the_age_of_hints_a_link_leaks() =>
        FindsAsync("A leak: blobs", Scenarios.PushIntoAQueuedRepositoryAsync(), "collect", t => new AgelessRows(t, k => k.Row.StartsWith(TableKeys.HintPrefix, StringComparison.Ordinal)));

    [Fact]
    public Task Without_queueing_the_digest_first_a_blob_leaks() => FindsAsync(
        "A leak: blobs",
        Scenarios.CrashingCollectorAsync(),
        "collect",
        t => new QueuesLast(t, TableKeys.DigestQueue, w => w is RowWrite.Delete && w.Key.Row.StartsWith(TableKeys.HintPrefix, StringComparison.Ordinal)));

    [Fact]
    public Task Without_queueing_the_repository_first_a_link_leaks() => FindsAsync(
        "A leak:",
        Scenarios.PushOfAFreshBlobAsync(),
        "push",
        t => new QueuesLast(t, TableKeys.RepositoryQueue, w => w is RowWrite.Upsert && w.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal)));

    [Fact]
    public Task Without_the_age_of_the_blob_a_download_breaks_off() =>
        FindsAsync("a fresh URL", Scenarios.DeleteBlobAndDownloadAsync(), "collect", t => new AgelessRows(new DueAtOnce(t), k => k.Row == TableKeys.BlobRow));

    [Fact]
    public Task Without_making_the_blob_of_a_deleted_link_young_a_download_breaks_off() =>
        FindsAsync("a fresh URL", HurriedAsync(Scenarios.DeleteBlobAndDownloadAsync()), "delete blob", t => new NoTouchOfTheBlob(t));

    [Fact]
    public Task Without_reading_the_blob_before_its_links_and_without_its_age_a_link_dangles() => FindsAsync(
        "has no blob", Scenarios.PushOfAnUnlinkedBlobAsync(), "collect", t => new ReadsLinksFirst(new AgelessRows(new DueAtOnce(t), k => k.Row == TableKeys.BlobRow)));

    /// <summary>What the order of reading is for where the age does not protect the blob.</summary>
    [Fact]
    public async Task Without_the_age_of_the_blob_but_read_first_no_link_dangles()
    {
        var scenario = (await Scenarios.PushOfAnUnlinkedBlobAsync()).Breaking("collect", (s, _) => s with { Tables = new AgelessRows(new DueAtOnce(s.Tables), k => k.Row == TableKeys.BlobRow) });
        Assert.Null(new Explorer(scenario).Run().Violation);
    }

    /// <summary>When a blob has its turn is a matter of cost: nothing depends on it.</summary>
    [Fact]
    public Task A_blob_that_has_its_turn_too_early_is_safe() => ExploreAsync(HurriedAsync(Scenarios.DeleteBlobAndDownloadAsync()));

    [Fact]
    public Task Without_a_claim_a_cancel_drops_bytes_that_have_become_a_blob() =>
        FindsAsync("names bytes that are not there", ManifestScenarios.FinishAndCancelAsync(), "upload", t => new ClaimsNothing(t));

    [Fact]
    public async Task With_a_session_longer_than_the_grace_a_late_end_brings_back_a_blob_that_is_being_dropped()
    {
        var scenario = await ManifestScenarios.FinishLateAsync();
        var longer = new Func<RegistryOptions, RegistryOptions>(o => o with { Grace = TimeSpan.FromDays(30), UploadLifetime = TimeSpan.FromDays(20), FinishedUploadMemory = TimeSpan.FromDays(20) });
        var patient = scenario with { Scripts = [.. scenario.Scripts.Select(s => s.Name is "upload" or "again" ? s with { Options = longer } : s)] };
        await FindsAsync("names bytes that are not there", Task.FromResult(patient));
    }

    [Fact]
    public Task Without_going_parents_first_an_index_loses_its_image() => FindsAsync(
        "names something that is not there",
        ManifestScenarios.TagOfADeadIndexAsync(),
        "collect",
        t => new ChildrenFirst(t, TableKeys.ManifestPrefix + Cast.Image.Digest));

    [Fact]
    public Task Without_reviving_what_a_touched_index_names_it_loses_its_image() =>
        FindsAsync("names something that is not there", ManifestScenarios.TagOfADeadIndexAsync(), "collect", t => new TakesTouchedForDeleted(t));

    [Fact]
    public Task Without_a_note_of_the_bytes_a_collector_that_dies_leaves_them() =>
        FindsAsync("A leak: bytes", Scenarios.CrashingCollectorOfABlobAsync(), "collect", t => new ForgetsLocations(t));

    [Fact]
    public Task Without_the_version_of_pointers_a_tag_loses_its_manifest() => FindsAsync(
        "names a manifest that is not there",
        ManifestScenarios.MoveATagBackAsync(),
        "collect",
        t => new AnyVersion(t, k => k.Row.StartsWith(TableKeys.PointerPrefix, StringComparison.Ordinal)));

    [Fact]
    public Task Without_the_version_of_tags_a_moved_tag_is_lost() => FindsAsync(
        "was lost",
        ManifestScenarios.DeleteAndMoveTagsAsync(),
        "delete",
        t => new AnyVersion(t, k => k.Row.StartsWith(TableKeys.TagPrefix, StringComparison.Ordinal)));

    [Fact]
    public Task With_the_rows_of_referrers_deleted_afterwards_one_is_not_listed() =>
        FindsAsync("referrer is not listed", ManifestScenarios.PushOfADeadReferrerAsync(), "collect", t => new ReferrersAfterwards(t));

    [Fact]
    public Task Without_the_version_of_the_catalog_a_repository_is_not_listed() => FindsAsync(
        "not in the catalog", Scenarios.PushIntoAnEmptiedRepositoryAsync(), "collect",
        t => new AnyVersion(t, k => k.Partition.StartsWith(TableKeys.CatalogPrefix, StringComparison.Ordinal)));

    [Fact]
    public Task Without_all_claims_the_format_is_raised_in_the_middle_of_an_older_run() =>
        FindsAsync("is too old, and it deleted something", Scenarios.RaiseAsync(Cast.RaiseAtOnce));

    [Fact]
    public Task Without_reading_the_format_after_the_claim_an_older_run_begins_when_it_is_raised() =>
        FindsAsync("is too old, and it deleted something", Scenarios.RaiseAsync(Cast.Raise), "collect", t => new RemembersTheFormat(t));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_due_times_that_stay_a_busy_repository_is_never_looked_at(bool forgets)
    {
        var test = new TestRegistry();
        var tables = forgets ? new ForgetsDueTimes(test.Tables) : (ITableStore)test.Tables;
        var busy = new ContainerRegistry(tables, test.Objects, test.Options, test.Time).GetRepository(Cast.App);
        await busy.Blobs.PutAsync(Cast.Content, default);
        var garbage = Assert.Single(await test.ObjectNamesAsync());
        for (var i = 0; i < 20; i++)
        {
            await TestRegistry.PushImageAsync(busy, $"{i}", "latest");
            await test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
            test.Time.Advance(0.4 * test.Options.Grace);
        }

        Assert.Equal(forgets, (await test.ObjectNamesAsync()).Contains(garbage));
    }

    private static async Task<Scenario> HurriedAsync(Task<Scenario> scenario) =>
        (await scenario).Breaking("collect", (stores, _) => stores with { Tables = new DueAtOnce(stores.Tables) });

    private Task FindsAsync(string violation, Task<Scenario> scenario, string actor, Func<ITableStore, ITableStore> change) =>
        FindsAsync(violation, scenario, actor, (Stores stores) => stores with { Tables = change(stores.Tables) });
}
