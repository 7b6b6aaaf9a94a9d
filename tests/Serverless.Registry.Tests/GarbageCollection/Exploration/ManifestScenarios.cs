using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Cast;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Uploaders;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The scenarios about manifests, tags, referrers and upload sessions.</summary>
internal static class ManifestScenarios
{
    private static readonly CollectionOptions s_untagged = Scenario.Patient with { DeleteUntagged = true, UntaggedAge = Scenario.DefaultOptions.Grace };

    private static readonly string[] s_onlyTags = [TableKeys.PullPrefix, TableKeys.UploadPrefix, TableKeys.DeletedPrefix];
    private static readonly string[] s_onlyUploads = [TableKeys.PullPrefix, TableKeys.HistoriesPrefix, TableKeys.PointerPrefix, TableKeys.DeletedPrefix];

    public static Task<Scenario> TagOfADeadIndexAsync() => UntaggedAsync(Beginnings.UntaggedIndexAsync(s_untagged), PutTag(First, ImageIndex.Digest));

    public static Task<Scenario> IndexOfADeadImageAsync() => UntaggedAsync(Beginnings.UntaggedIndexAsync(s_untagged), PutTagged(ImageIndex, First));

    public static Task<Scenario> PushOfADeadReferrerAsync() => UntaggedAsync(Beginnings.ReferrerAsync(s_untagged), PutTagged(Referrer, First));

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

    /// <summary>A tag moves back to where it pointed before, while the one that says so is swept up and the manifest is deleted.</summary>
    public static async Task<Scenario> MoveATagBackAsync()
    {
        var scenario = new Scenario(await Beginnings.MovedTagAsync(), []) { Begin = p => p.Keep(App, Image.Digest), Epochs = 1 };
        return scenario with { Scripts = [PutTag(First, Image.Digest, stays: false), DeleteManifest(App, Image.Digest), Collect(scenario)], Unwritten = [TableKeys.PullPrefix, TableKeys.UploadPrefix] };
    }

    /// <summary>A deletion is undone while its garbage is collected.</summary>
    public static async Task<Scenario> UndeleteAsync()
    {
        var scenario = new Scenario(await Beginnings.ImageAsync(), []) { Begin = p => p.Keep(App, Image.Digest), Epochs = 2 };
        return scenario with { Scripts = [DeleteManifest(App, Image.Digest), Undelete(App, Image.Digest), Collect(scenario)], Unwritten = [TableKeys.PullPrefix, TableKeys.UploadPrefix, TableKeys.PointerPrefix, TableKeys.HistoriesPrefix] };
    }

    public static async Task<Scenario> FinishAndCancelAsync() =>
        new(await Beginnings.NothingAsync(), [Upload(), Cancel(), FinishAgain()]) { Epochs = 1, Crashes = 1 };

    public static async Task<Scenario> FinishLateAsync() =>
        (await Scenarios.CollectingAsync(Beginnings.NothingAsync(), UploadAndDelete(), FinishAgain())) with { Unwritten = [.. s_onlyUploads] };

    public static async Task<Scenario> PurgeAsync()
    {
        var scenario = new Scenario(await Beginnings.QueuedRepositoryAsync(), []);
        return scenario with { Scripts = [Upload(), Collect(scenario, name: "purge")], Unwritten = s_onlyUploads, Epochs = 3, Crashes = 1 };
    }

    private static async Task<Scenario> UntaggedAsync(Task<Snapshot> start, Script client)
    {
        var scenario = new Scenario(await start, []) { Collection = s_untagged, Crashes = 1 };
        return scenario with { Scripts = [client, Collect(scenario)], Unwritten = s_onlyTags };
    }
}
