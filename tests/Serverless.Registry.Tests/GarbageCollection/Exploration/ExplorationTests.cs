using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Every order of the storage calls of a few actors, with crashes and lost answers: nothing that was acknowledged may dangle, nothing may leak.</summary>
public sealed class ExplorationTests(ITestOutputHelper output) : ExplorationTest(output)
{
    [Fact]
    public Task A_blob_that_is_being_collected_is_pushed() => ExploreAsync(Scenarios.PushOfAnUnusedBlobAsync());

    [Fact]
    public Task A_blob_without_links_is_pushed() => ExploreAsync(Scenarios.PushOfAnUnlinkedBlobAsync());

    [Fact]
    public Task Answers_to_a_push_are_lost() => ExploreAsync(Scenarios.PushWithLostAnswersAsync());

    [Fact]
    public Task Two_repositories_push_one_blob() => ExploreAsync(Scenarios.TwoPushesAsync());

    [Fact]
    public Task An_old_blob_is_found_and_not_uploaded() => ExploreAsync(Scenarios.HeadAsync());

    [Fact]
    public Task An_old_blob_is_mounted() => ExploreAsync(Scenarios.MountAsync());

    [Fact]
    public Task A_blob_is_mounted_while_its_source_deletes_it() => ExploreAsync(Scenarios.MountFromARepositoryThatDeletesAsync());

    [Fact]
    public Task A_manifest_is_deleted() => ExploreAsync(Scenarios.DeleteAsync());

    [Fact]
    public Task A_manifest_is_deleted_and_pushed() => ExploreAsync(Scenarios.DeleteAndPushAsync());

    [Fact]
    public Task A_blob_is_deleted_and_downloaded() => ExploreAsync(Scenarios.DeleteBlobAndDownloadAsync());

    [Fact]
    public Task A_blob_is_deleted_and_pushed() => ExploreAsync(Scenarios.DeleteBlobAndPushAsync());

    [Fact]
    public Task Two_collectors_run_at_once() => ExploreAsync(Scenarios.TwoCollectorsAsync());

    [Fact]
    public Task A_blob_is_pushed_into_a_repository_that_is_looked_at() => ExploreAsync(Scenarios.PushIntoAQueuedRepositoryAsync());

    [Fact]
    public Task An_image_is_pushed_into_a_repository_that_leaves_the_catalog() => ExploreAsync(Scenarios.PushIntoAnEmptiedRepositoryAsync());

    [Fact]
    public Task A_blob_that_has_lost_its_bytes_is_pushed_by_two() => ExploreAsync(Scenarios.PushesOfALostBlobAsync());

    [Fact]
    public Task Two_timers_run_at_once() => ExploreAsync(Scenarios.TwoTimersAsync());

    [Fact]
    public Task The_format_is_raised_while_two_timers_of_an_older_release_run() => ExploreAsync(Scenarios.RaiseAsync(Cast.Raise));

    [Fact]
    public Task A_collector_dies_anywhere() => ExploreAsync(Scenarios.CrashingCollectorAsync());

    [Fact]
    public Task A_collector_dies_anywhere_while_it_deletes_a_blob() => ExploreAsync(Scenarios.CrashingCollectorOfABlobAsync());
}
