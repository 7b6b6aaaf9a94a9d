using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Web.Telemetry;

/// <summary>The body of an answer, with its bytes counted.</summary>
internal sealed class CountedResponseBody(IHttpResponseBodyFeature inner, RequestRecord request) : PipeWriter, IHttpResponseBodyFeature
{
    private Stream? _stream;

    public Stream Stream => _stream ??= AsStream(leaveOpen: true);

    public PipeWriter Writer => this;

    public override bool CanGetUnflushedBytes => inner.Writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.Writer.UnflushedBytes;

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => inner.CompleteAsync();

    public async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await inner.SendFileAsync(path, offset, count, cancellationToken);
        request.Sent += count ?? new FileInfo(path).Length - offset;
    }

    public override void Advance(int bytes)
    {
        inner.Writer.Advance(bytes);
        request.Sent += bytes;
    }

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        var result = await inner.Writer.WriteAsync(source, cancellationToken);
        request.Sent += source.Length;
        return Note(result);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.Writer.GetSpan(sizeHint);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Note(await inner.Writer.FlushAsync(cancellationToken));

    public override void CancelPendingFlush() => inner.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Writer.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.Writer.CompleteAsync(exception);

    // To a connection that is gone the server writes into the void, without a word but this one.
    private FlushResult Note(FlushResult result)
    {
        if (result.IsCompleted) request.IsBroken = true;
        return result;
    }
}
