using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using static Serverless.Registry.Tests.GarbageCollection.Exploration.Cast;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Those who have to do with one upload session.</summary>
internal static class Uploaders
{
    private static PipeReader Nothing => TestRegistry.Body([]);

    /// <summary>Uploads the blob in a session: a chunk, then the end.</summary>
    public static Script Upload() => new("upload", true, UploadAsync);

    /// <summary>Uploads the blob and deletes it.</summary>
    public static Script UploadAndDelete() => new("upload", true, async actor =>
    {
        await UploadAsync(actor);
        await actor.BeginAsync();
        await actor.Registry.GetRepository(App).Blobs.DeleteAsync(BlobDigest, default);
    });

    /// <summary>Sends the end again, perhaps very late.</summary>
    public static Script FinishAgain() => new("again", true, async actor =>
    {
        await actor.BeginAsync();
        await OnSessionAsync(actor, u => u.CommitAsync(BlobDigest, Nothing, null, default));
    });

    public static Script Cancel() => new("cancel", true, async actor =>
    {
        await actor.BeginAsync();
        await OnSessionAsync(actor, u => u.CancelAsync(default));
    });

    private static async Task UploadAsync(Actor actor)
    {
        await actor.BeginAsync();
        var upload = await actor.Registry.GetRepository(App).Blobs.StartUploadAsync(default);
        await upload.AppendAsync(TestRegistry.Body(Content), null, default);
        actor.World.Session = (upload.Id, upload.State);
        await actor.BeginAsync();
        await OnSessionAsync(actor, u => u.CommitAsync(BlobDigest, Nothing, null, default));
    }

    private static async Task OnSessionAsync(Actor actor, Func<BlobUpload, Task> act)
    {
        var session = actor.World.Session;
        actor.See($"session {session is not null}");
        if (session is not { } known || await actor.Registry.GetRepository(App).Blobs.FindUploadAsync(known.Id, known.State, default) is not { } upload)
        {
            actor.See("no upload");
            return;
        }

        try
        {
            await act(upload);
        }
        catch (RegistryException)
        {
            // Cancelled, or finished, or purged.
        }
    }
}
