using Xunit;
using Xunit.Abstractions;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>As <see cref="ExplorationTests"/>, with manifests that are dead, tags that move, and upload sessions.</summary>
public sealed class ManifestExplorationTests(ITestOutputHelper output) : ExplorationTest(output)
{
    [Fact]
    public Task A_dead_index_is_tagged() => ExploreAsync(ManifestScenarios.TagOfADeadIndexAsync());

    [Fact]
    public Task An_index_of_a_dead_image_is_pushed() => ExploreAsync(ManifestScenarios.IndexOfADeadImageAsync());

    [Fact]
    public Task A_dead_referrer_is_pushed_again() => ExploreAsync(ManifestScenarios.PushOfADeadReferrerAsync());

    [Fact]
    public Task A_manifest_is_deleted_while_its_tags_move() => ExploreAsync(ManifestScenarios.DeleteAndMoveTagsAsync());

    [Fact]
    public Task A_manifest_is_deleted_twice_while_its_tag_moves() => ExploreAsync(ManifestScenarios.DeleteTwiceAndMoveATagAsync());

    [Fact]
    public Task A_tag_is_moved_back_while_its_manifest_is_deleted() => ExploreAsync(ManifestScenarios.MoveATagBackAsync());

    [Fact]
    public Task A_deletion_is_undone() => ExploreAsync(ManifestScenarios.UndeleteAsync());

    [Fact]
    public Task An_upload_is_finished_twice_and_cancelled() => ExploreAsync(ManifestScenarios.FinishAndCancelAsync());

    [Fact]
    public Task An_upload_is_finished_late_and_its_blob_deleted() => ExploreAsync(ManifestScenarios.FinishLateAsync());

    [Fact]
    public Task An_upload_is_finished_and_purged() => ExploreAsync(ManifestScenarios.PurgeAsync());
}
