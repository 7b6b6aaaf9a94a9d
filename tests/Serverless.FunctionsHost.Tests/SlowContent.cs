using System.Net;

namespace Serverless.FunctionsHost.Tests;

/// <summary>A body in two parts, the second of which is sent when the test says so.</summary>
/// <param name="first">The first part.</param>
/// <param name="gate">Is waited for before the second part.</param>
/// <param name="second">The second part.</param>
/// <param name="hasLength">Whether the length is said; otherwise the body goes in chunks.</param>
internal sealed class SlowContent(byte[] first, SemaphoreSlim gate, byte[] second, bool hasLength) : HttpContent
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first part is sent.</summary>
    public Task Begun => _begun.Task;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(first);
        await stream.FlushAsync();
        _begun.SetResult();
        await gate.WaitAsync();
        await stream.WriteAsync(second);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = first.Length + second.Length;
        return hasLength;
    }
}
