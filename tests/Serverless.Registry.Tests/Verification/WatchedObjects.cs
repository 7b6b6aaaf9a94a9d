using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;

namespace Serverless.Registry.Tests.Verification;

/// <summary>An object store that tells what was read, and in which somebody else does something right before a call.</summary>
internal sealed class WatchedObjects(IObjectStore inner) : PassingObjectStore(inner)
{
    /// <summary>The objects with bytes of blobs that were read.</summary>
    public List<string> Opened { get; } = [];

    /// <summary>Done before each of them is read.</summary>
    public Func<Task> BeforeOpen { get; init; } = () => Task.CompletedTask;

    /// <summary>Done before each copy, with the name of its source.</summary>
    public Func<string, Task> BeforeCopy { get; init; } = _ => Task.CompletedTask;

    /// <summary>Done before each deletion.</summary>
    public Func<Task> BeforeDelete { get; init; } = () => Task.CompletedTask;

    /// <summary>How many lists of objects were asked for.</summary>
    public int Lists { get; private set; }

    /// <summary>Whether only the first list is given out.</summary>
    public bool FailsToListAgain { get; init; }

    /// <summary>What a reader gets in place of what is stored, the first time.</summary>
    public Stream? FirstRead { get; set; }

    public override async Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken)
    {
        // The registry's own mark is none of a blob's bytes.
        if (!name.StartsWith(TableKeys.ObjectPrefix, StringComparison.Ordinal)) return await Inner.OpenAsync(name, offset, length, cancellationToken);
        Opened.Add(name);
        await BeforeOpen();
        if (FirstRead is not { } first) return await Inner.OpenAsync(name, offset, length, cancellationToken);
        FirstRead = null;
        return first;
    }

    public override async Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken)
    {
        await BeforeCopy(source);
        return await Inner.CopyAsync(source, size, target, etag, cancellationToken);
    }

    public override async Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken)
    {
        await BeforeDelete();
        return await Inner.DeleteAsync(name, etag, cancellationToken);
    }

    public override IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Lists++ > 0 && FailsToListAgain ? throw new StorageUnavailableException("Storage does not answer.") : Inner.ListAsync(prefix, cancellationToken);
}
