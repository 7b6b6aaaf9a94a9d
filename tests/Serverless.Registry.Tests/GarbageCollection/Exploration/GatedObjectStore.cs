using System.Buffers;
using System.Runtime.CompilerServices;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The objects of a world as one actor reaches them: every call waits for its turn.</summary>
internal sealed class GatedObjectStore(Actor actor) : IObjectStore
{
    private World World => actor.World;

    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        // The caller's buffer lives no longer than the call.
        var copy = new ReadOnlySequence<byte>(content.ToArray());
        return WriteAsync("put", name, objects => objects.PutAsync(name, copy, default));
    }

    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        var copy = new ReadOnlySequence<byte>(content.ToArray());
        return WriteAsync("stage", name, async objects =>
        {
            await objects.StageBlockAsync(name, blockId, copy, default);
            return WriteOutcome.Done;
        });
    }

    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        WriteAsync("commit", name, objects => objects.CommitBlocksAsync(name, blockIds, default));

    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        WriteAsync("copy", target, objects => objects.CopyAsync(source, size, target, etag, default));

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        actor.EnterAsync($"find {Name(name)}", false, _ => World.Objects.FindAsync(name, default));

    // Whose the bytes are does not change in any scenario.
    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) => name == TableKeys.MarkerObject
        ? World.Objects.OpenAsync(name, offset, length, default)
        : actor.EnterAsync($"open {Name(name)}", false, _ => World.Objects.OpenAsync(name, offset, length, default));

    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) =>
        WriteAsync("drop", name, objects => objects.DeleteAsync(name, etag, default));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => World.Objects.SignReadAsync(name, lifetime, default);

    private Task<WriteOutcome> WriteAsync(string verb, string name, Func<IObjectStore, Task<WriteOutcome>> write) => actor.EnterAsync(
        $"{verb} {Name(name)}",
        true,
        async label =>
        {
            var outcome = await write(World.Objects);
            if (outcome != WriteOutcome.Done) return outcome;
            World.Mirror.Apply(verb, Name(name), label);
            if (verb == "drop") actor.Promises.Deleted(actor);
            return outcome;
        });

    private string Name(string name) => World.Mirror.NameOf(name, actor);
}
