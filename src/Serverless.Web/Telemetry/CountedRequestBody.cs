using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Web.Telemetry;

/// <summary>The body of a request as the endpoints read it, with the bytes counted that they take. Chunked bodies do not say how long they are.</summary>
internal sealed class CountedRequestBody(PipeReader inner, RequestRecord request) : PipeReader, IRequestBodyPipeFeature
{
    private ReadOnlySequence<byte> _read;

    public PipeReader Reader => this;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await inner.ReadAsync(cancellationToken);
        _read = result.Buffer;
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        _read = result.Buffer;
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        Count(consumed);
        inner.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Count(consumed);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private void Count(SequencePosition consumed)
    {
        request.Received += _read.Slice(_read.Start, consumed).Length;
        _read = default;
    }
}
