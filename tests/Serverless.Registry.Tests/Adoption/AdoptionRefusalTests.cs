using Serverless.Registry.Adoption;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Adoption;

/// <summary>What is left out, each with its reason, while the rest is taken over; and when nothing is.</summary>
public sealed class AdoptionRefusalTests : AdoptionTest
{
    [Fact]
    public async Task A_missing_blob_is_told_of_and_the_others_come()
    {
        var (first, second, _) = await FillAsync();
        var lost = first.Content.Blobs[2].Digest;
        await Test.Objects.DeleteAsync(There.DataOf(lost), null, default);
        var progress = await AdoptAsync();
        Assert.Contains(new AdoptFinding(AdoptFindingKind.Missing, RepositoryName.Parse("team/app"), lost.ToString(), $"the bytes of the blob are not there: {There.DataOf(lost)}"), Findings);
        // The image, the index that names it, and three tags.
        Assert.Equal((4L, 2L), (progress.Missing, progress.Refused));
        Assert.Contains(Findings, f => f.Kind == AdoptFindingKind.Refused && f.What == first.Digest.ToString() && f.Note.Contains(lost.ToString(), StringComparison.Ordinal));
        await AssertPulledAsync("team/app", "v2", second);
        Assert.Equal(["v2"], await Test.Repository.Tags.ListAsync(default).Select(t => t.ToString()).ToListAsync());
        await AssertWholeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_that_is_missing_is_missing_for_each_repository(bool dryRun)
    {
        await FillAsync();
        await Test.Objects.DeleteAsync(There.DataOf(TestRegistry.Sha256Of(Base)), null, default);
        var progress = await AdoptAsync(Options() with { DryRun = dryRun });
        Assert.Equal(2, Findings.Count(f => f.Kind == AdoptFindingKind.Missing && f.What == TestRegistry.Sha256Of(Base).ToString()));
        Assert.Equal((0L, 0L), (progress.Manifests, progress.Tags));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_of_another_size_are_refused(bool dryRun)
    {
        var (first, _, _) = await FillAsync();
        var broken = first.Content.Blobs[2];
        await There.PutAsync(There.DataOf(broken.Digest), Any.Content(2999, 2));
        await AdoptAsync(Options() with { DryRun = dryRun });
        Assert.Contains(new AdoptFinding(AdoptFindingKind.Refused, RepositoryName.Parse("team/app"), broken.Digest.ToString(), "2999 bytes are stored of a blob of 3000"), Findings);
        Assert.Null(await Test.Repository.Manifests.FindAsync(TestRegistry.By(first.Digest), default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wrong_bytes_of_the_right_size_are_seen_where_digests_are_to_be_verified(bool verify)
    {
        var (first, _, _) = await FillAsync();
        var broken = first.Content.Blobs[2];
        await There.PutAsync(There.DataOf(broken.Digest), Any.Content(3000, 7));
        await AdoptAsync(Options() with { Verify = verify });
        Assert.Equal(verify, Findings.Any(f => f.Kind == AdoptFindingKind.Refused && f.What == broken.Digest.ToString()));
        Assert.Equal(!verify, await Test.Repository.Blobs.FindAsync(broken.Digest, default) is not null);
    }

    [Fact]
    public async Task What_would_expire_in_a_mirror_is_refused()
    {
        await FillAsync();
        var options = Test.Options with { Mirrors = [new MirrorRule("team", "team/")] };
        await AdoptAsync(registry: new ContainerRegistry(Test.Tables, Test.Objects, options, Test.Time));
        Assert.Equal(RepositoryName.Parse("team/app"), Assert.Single(Findings, f => f.Kind == AdoptFindingKind.Refused).Repository);
    }

    [Fact]
    public async Task A_layer_without_a_size_is_proved_by_its_digest()
    {
        var layer = await There.PutBlobAsync("team/app", Base);
        var config = await There.PutBlobAsync("team/app", TestRegistry.Utf8("{}"), MediaTypes.OciConfig);
        var payload = $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{config.Digest}}","size":2},"layers":[{"digest":"{{layer.Digest}}"}]}""";
        await There.PutManifestAsync("team/app", TestRegistry.Utf8(payload), "v1");
        await AdoptAsync();
        Assert.Empty(Findings);
        Assert.Equal(Base.Length, (await Test.Repository.Blobs.FindAsync(layer.Digest, default))!.Descriptor.Size);
    }

    [Fact]
    public async Task What_the_registry_cannot_serve_is_refused_with_the_reason()
    {
        await FillAsync();
        await There.PutManifestAsync("team/app", TestRegistry.Utf8("""{"schemaVersion":1,"name":"team/app","fsLayers":[]}"""), "old");
        await There.PutManifestAsync("Team/App", TestRegistry.Utf8("{}"));
        await There.PutManifestAsync("team/app", TestRegistry.Utf8("{}"), "-x");
        var lost = await There.PutManifestAsync("team/app", TestRegistry.Utf8("""{"schemaVersion":2}"""), "gone");
        await Test.Objects.DeleteAsync(There.DataOf(lost), null, default);
        await AdoptAsync();
        Assert.Contains(Findings, f => f.Note.Contains("schema 1 manifests are not supported", StringComparison.Ordinal));
        Assert.Contains(new AdoptFinding(AdoptFindingKind.Refused, null, "Team/App", "this is no name for a repository"), Findings);
        Assert.Contains(Findings, f => f is { What: "-x", Note: "this is no name for a tag" });
        Assert.Contains(Findings, f => f.Kind == AdoptFindingKind.Missing && f.What == lost.ToString());
        Assert.Contains(Findings, f => f.Kind == AdoptFindingKind.Missing && f.What == "gone");
        await AssertWholeAsync();
    }

    [Fact]
    public async Task A_blob_that_the_repository_has_no_link_to_is_not_taken_from_others()
    {
        var (first, _, _) = await FillAsync();
        await There.PutManifestAsync("other", first.Payload, "v1");
        await AdoptAsync();
        Assert.Contains(Findings, f => f.Repository?.ToString() == "other" && f.Note.EndsWith("which it names, is not in the repository", StringComparison.Ordinal));
        Assert.Null(await Test.Open("other").Blobs.FindAsync(first.Content.Blobs[2].Digest, default));
    }

    [Fact]
    public async Task A_tag_that_is_here_is_not_moved()
    {
        await FillAsync();
        var mine = await TestRegistry.PushImageAsync(Test.Repository, "mine", "v1");
        var progress = await AdoptAsync();
        Assert.Equal((1L, "v1"), (progress.Kept, Assert.Single(Findings).What));
        Assert.Equal(mine.Digest, (await Test.Repository.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
    }

    [Fact]
    public async Task Somebody_may_still_write_until_an_hour_has_passed()
    {
        await FillAsync();
        var refusal = await AssertRefusedAsync();
        Assert.Contains("less than an hour ago", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(There.Prefix + "adopted-by", await NamesThereAsync());
        var progress = new AdoptProgress();
        await Test.NewInstance().Adoption.RunAsync(Options() with { Force = true }, progress, null, null, default);
        Assert.Equal(4L, progress.Manifests);
        // Its own marker is young, and nobody's writing.
        Test.Time.Advance(TimeSpan.FromMinutes(61));
        await Test.Objects.DeleteAsync(There.Prefix + "adopted-by", null, default);
        await Test.NewInstance().Adoption.RunAsync(Options(), progress, null, null, default);
        await Test.NewInstance().Adoption.RunAsync(Options(), progress, null, null, default);
    }

    [Fact]
    public async Task A_second_registry_is_refused()
    {
        await FillAsync();
        await AdoptAsync();
        // As where each has names of its own in one container.
        await Test.Objects.DeleteAsync(TableKeys.MarkerObject, null, default);
        var other = new ContainerRegistry(new Serverless.Registry.Storage.InMemory.InMemoryTableStore(Test.Time), Test.Objects, Test.Options, Test.Time);
        var refusal = await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => other.Adoption.RunAsync(Options(), new AdoptProgress(), null, null, default));
        Assert.Contains("Two registries cannot share the bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Contains((await Test.Registry.Identity.ReadAsync(default)).Tables!, refusal.Message, StringComparison.Ordinal);
        await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => other.Adoption.RunAsync(Options() with { DryRun = true }, new AdoptProgress(), null, null, default));
    }

    [Theory]
    [InlineData("data/")]
    [InlineData("data/registry/")]
    public async Task It_must_not_lie_where_the_registry_has_its_own_bytes(string start)
    {
        await new DistributionStorage(Test.Objects, start).PutImageAsync("team/app", "1", [Base], "v1");
        Rest();
        Assert.Contains("deletes what it does not know", (await AssertRefusedAsync(Options(start))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_it_says_so() =>
        Assert.Contains("nothing of distribution lies under the root directory some/where", (await AssertRefusedAsync(Options("some/where"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_registry_that_is_read_only_adopts_nothing()
    {
        await FillAsync();
        Rest();
        await Test.Registry.Switches.SetAsync(new SwitchState(ReadOnly: true), default);
        await AssertRefusedAsync();
        Assert.DoesNotContain(There.Prefix + "adopted-by", await NamesThereAsync());
    }

    [Fact]
    public async Task A_task_that_runs_is_waited_for_or_named()
    {
        await FillAsync();
        Rest();
        using var claim = await new TaskClaims(Test.Tables, Test.Time).TryClaimAsync("Verify", TimeSpan.Zero, TimeSpan.FromMinutes(9), default);
        Assert.StartsWith("Verify runs, until", (await AssertRefusedAsync()).Message, StringComparison.Ordinal);
        await claim!.FinishAsync(default);
        Assert.Equal(4L, (await AdoptAsync()).Manifests);
    }
}
