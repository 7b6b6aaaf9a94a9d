using System.Collections.Concurrent;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>What many images name is copied once: whoever wants it meanwhile waits for the same copy. What has failed is copied again for the next one.</summary>
internal sealed class OnceEach
{
    private readonly ConcurrentDictionary<Digest, Lazy<Task>> _copies = new();

    public async Task RunAsync(Digest digest, Func<Task> copy)
    {
        var running = _copies.GetOrAdd(digest, static (_, act) => new Lazy<Task>(act), copy);
        try
        {
            await running.Value;
        }
        catch
        {
            _copies.TryRemove(KeyValuePair.Create(digest, running));
            throw;
        }
    }
}
