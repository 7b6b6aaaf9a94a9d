using Serverless.Registry.GarbageCollection;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Cast;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Uploaders;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The scenarios about manifests, tags, referrers and upload sessions.</summary>
internal static class ManifestScenarios
{
    private static readonly CollectionOptions s_untagged = new() { TimeBudget = TimeSpan.FromDays(1000), DeleteUntagged = true, UntaggedAge = Scenario.DefaultOptions.Grace };

    public static Task<Scenario> TagOfADeadIndexAsync() => UntaggedAsync(Beginnings.UntaggedIndexAsync(), PutTag(First, ImageIndex.Digest));

    public static Task<Scenario> IndexOfADeadImageAsync() => UntaggedAsync(Beginnings.UntaggedIndexAsync(), PutTagged(ImageIndex, First));

    public static Task<Scenario> PushOfADeadReferrerAsync() => UntaggedAsync(Beginnings.ReferrerAsync(), PutTagged(Referrer, First));

    public static async Task<Scenario> DeleteAndMoveTagsAsync() =>
        new(await Beginnings.TaggedImagesAsync(), [DeleteManifest(App, Image.Digest), PutTag(First, OtherImage.Digest), PutTagged(Image, Second)])
        {
            Begin = p => p.Keep(App, Image.Digest),
            Epochs = 1,
        };

    public static async Task<Scenario> DeleteTwiceAndMoveATagAsync() =>
        new(await Beginnings.TaggedImagesAsync(), [DeleteManifest(App, Image.Digest), DeleteManifest(App, Image.Digest, "delete again"), PutTag(First, OtherImage.Digest)])
        {
            Begin = p => p.Keep(App, Image.Digest),
            Epochs = 1,
            LostAnswers = 1,
        };

    public static async Task<Scenario> FinishAndCancelAsync() =>
        new(await Beginnings.NothingAsync(), [Upload(), Cancel(), FinishAgain()]) { Epochs = 1, Crashes = 1 };

    public static Task<Scenario> FinishLateAsync() => Scenarios.CollectingAsync(Beginnings.NothingAsync(), UploadAndDelete(), FinishAgain());

    public static async Task<Scenario> PurgeAsync() =>
        new(await Beginnings.NothingAsync(), [Upload(), Purge(Scenario.DefaultOptions)]) { Epochs = 3, Crashes = 1 };

    private static async Task<Scenario> UntaggedAsync(Task<Snapshot> start, Script client)
    {
        var scenario = new Scenario(await start, []) { Collection = s_untagged, Crashes = 1 };
        return scenario with { Scripts = [client, Collect(scenario)] };
    }
}
