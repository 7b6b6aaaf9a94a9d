using System.Threading.Channels;

namespace Serverless.Registry.Core;

/// <summary>How many calls of a kind a registry makes at a time, whoever makes them.</summary>
internal sealed class SharedLimit(int count)
{
    // Those that are under way. Unlike a semaphore it holds nothing that somebody would have to give back.
    private readonly Channel<bool> _running = Channel.CreateBounded<bool>(count);

    /// <summary>Makes a call when it is its turn.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        await _running.Writer.WriteAsync(true, cancellationToken);
        try
        {
            return await call();
        }
        finally
        {
            _running.Reader.TryRead(out _);
        }
    }
}
