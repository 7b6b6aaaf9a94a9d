using Serverless.Registry.Core;
using Serverless.Registry.Storage;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Cast;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The scenarios about one blob, its links and an image.</summary>
internal static class Scenarios
{
    private static readonly string[] s_withoutTags = [TableKeys.PullPrefix, TableKeys.UploadPrefix, TableKeys.HistoriesPrefix, TableKeys.PointerPrefix];

    public static async Task<Scenario> PushOfAnUnusedBlobAsync() => (await CollectingAsync(Beginnings.UnusedBlobAsync(), Push(App))) with { Crashes = 1 };

    public static async Task<Scenario> PushOfAnUnlinkedBlobAsync() => (await CollectingAsync(Beginnings.UnlinkedBlobAsync(), Push(Other))) with { Crashes = 1 };

    public static async Task<Scenario> PushWithLostAnswersAsync() => (await CollectingAsync(Beginnings.UnlinkedBlobAsync(), Push(App))) with { LostAnswers = 1, Epochs = 1 };

    public static async Task<Scenario> TwoPushesAsync() =>
        (await CollectingAsync(Beginnings.UnlinkedBlobAsync(), PutBlob(App), PutBlob(Other))) with { Epochs = 1 };

    public static async Task<Scenario> HeadAsync() => await CollectingAsync(Beginnings.UnusedBlobAsync(), HeadAndPush(App));

    public static async Task<Scenario> MountAsync() => await CollectingAsync(Beginnings.UnusedBlobAsync(), Cast.Mount(Other, App));

    public static async Task<Scenario> MountFromARepositoryThatDeletesAsync() =>
        (await CollectingAsync(Beginnings.UnusedBlobAsync(), Cast.Mount(Other, App), DeleteBlob(App))) with { Epochs = 1 };

    public static async Task<Scenario> DeleteAndPushAsync() =>
        (await CollectingAsync(Beginnings.ImageAsync(), DeleteManifest(App, Image.Digest), Push(App))) with { Begin = p => p.Keep(App, Image.Digest), Epochs = 1 };

    public static async Task<Scenario> DeleteAsync() => (await CollectingAsync(Beginnings.ImageAsync(), DeleteManifest(App, Image.Digest))) with
    {
        Begin = p => p.Keep(App, Image.Digest),
        Crashes = 1,
        LostAnswers = 1,
    };

    public static async Task<Scenario> DeleteBlobAndDownloadAsync() =>
        await CollectingAsync(Beginnings.QueuedBlobAsync(), DeleteBlob(App), Download(App));

    public static async Task<Scenario> DeleteBlobAndPushAsync() => await CollectingAsync(Beginnings.QueuedBlobAsync(), DeleteBlob(App), PutBlob(Other));

    public static async Task<Scenario> TwoCollectorsAsync()
    {
        var scenario = await CollectingAsync(Beginnings.UnusedBlobAsync(), MountOnly(Other, App));
        return scenario with { Scripts = [.. scenario.Scripts, Collect(scenario, name: "collect again")], Epochs = 1 };
    }

    public static async Task<Scenario> PushOfAFreshBlobAsync() => (await CollectingAsync(Beginnings.NothingAsync(), Push(App))) with { Crashes = 1 };

    /// <summary>Nobody but a collector, which dies somewhere.</summary>
    public static async Task<Scenario> CrashingCollectorAsync() => (await CollectingAsync(Beginnings.UnusedBlobAsync())) with { Crashes = 1, LostAnswers = 1 };

    /// <summary>Nobody but a collector, which dies somewhere while it deletes a blob.</summary>
    public static async Task<Scenario> CrashingCollectorOfABlobAsync()
    {
        // The first run drops the hint, the second the blob.
        var scenario = await CollectingAsync(Beginnings.UnlinkedBlobAsync());
        return scenario with { Scripts = [Collect(scenario, runs: 2)], Crashes = 1, Epochs = 3 };
    }

    /// <summary>Something young in a repository that is being looked at.</summary>
    public static async Task<Scenario> PushIntoAQueuedRepositoryAsync() => (await CollectingAsync(Beginnings.QueuedRepositoryAsync(), Push(App))) with { Crashes = 1 };

    public static async Task<Scenario> PushIntoAnEmptiedRepositoryAsync() => (await CollectingAsync(Beginnings.EmptiedRepositoryAsync(), HeadAndPush(App))) with { Unwritten = s_withoutTags };

    /// <summary>Two push a blob that has lost its bytes.</summary>
    public static async Task<Scenario> PushesOfALostBlobAsync() =>
        (await CollectingAsync(Beginnings.LostBytesAsync(), PutBlobAgain(App), PutBlobAgain(Other))) with { BytesMayBeLost = true, Epochs = 1 };

    /// <summary>Two timers, of which one may die or be too slow.</summary>
    public static async Task<Scenario> TwoTimersAsync()
    {
        var scenario = await CollectingAsync(Beginnings.UnlinkedBlobAsync());
        return scenario with { Scripts = [CollectClaimed(scenario), CollectClaimed(scenario, "collect again")], Crashes = 1, Epochs = 2 };
    }

    /// <summary>The format is raised while two timers of the release before run.</summary>
    /// <param name="raise">Who raises it.</param>
    public static async Task<Scenario> RaiseAsync(Func<RegistryFormat, Script> raise)
    {
        var (old, next) = (RegistryFormat.Current, new RegistryFormat(RegistryFormat.Current.Reader + 1, RegistryFormat.Current.Collector + 1));
        var scenario = (await CollectingAsync(Beginnings.UnusedBlobAsync())) with { Options = Scenario.DefaultOptions with { Format = next } };
        var timers = new[] { CollectClaimed(scenario), CollectClaimed(scenario, "collect again") }.Select(s => s with { Options = o => o with { Format = old } });
        return scenario with { Scripts = [.. timers, raise(next)], SharedRowsChange = true, Crashes = 1, Epochs = 1 };
    }

    public static async Task<Scenario> CollectingAsync(Task<Snapshot> start, params Script[] clients)
    {
        var scenario = new Scenario(await start, []);
        return scenario with { Scripts = [.. clients, Collect(scenario)], Unwritten = clients.Any(c => c.Name is "delete") ? s_withoutTags : [.. s_withoutTags, TableKeys.DeletedPrefix] };
    }
}
