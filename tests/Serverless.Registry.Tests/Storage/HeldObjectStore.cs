using System.Buffers;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>An object store that takes no object until it is told to.</summary>
internal sealed class HeldObjectStore(IObjectStore inner, int expected) : PassingObjectStore(inner)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;

    /// <summary>Ends when as many objects as were expected are held at a time.</summary>
    public Task Reached => _reached.Task;

    public void Release() => _released.TrySetResult();

    public override async Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _held) == expected) _reached.TrySetResult();
        await _released.Task;
        return await Inner.PutAsync(name, content, cancellationToken);
    }
}
