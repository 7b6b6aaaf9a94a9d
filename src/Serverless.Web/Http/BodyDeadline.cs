using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Web.Http;

/// <summary>
/// The body of a request, which must be there in time, counted from when it is first read: what passes while it waits for memory is not its sender's fault. The
/// server's lowest rate alone would let a form hold its connection for minutes, and a manifest for hours.
/// </summary>
internal sealed class BodyDeadline : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private readonly PipeReader _inner;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private CancellationTokenSource? _end;

    private BodyDeadline(PipeReader inner, TimeSpan limit, TimeProvider time) => (_inner, _limit, _time) = (inner, limit, time);

    public PipeReader Reader => this;

    /// <summary>Has whoever reads the request's body meet its deadline, as a <see cref="BadHttpRequestException"/> with status 408.</summary>
    public static void Set(HttpContext http, TimeSpan limit, TimeProvider time)
    {
        var body = new BodyDeadline(http.Request.BodyReader, limit, time);
        http.Features.Set<IRequestBodyPipeFeature>(body);
        http.Response.RegisterForDispose(body);
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        _end ??= new CancellationTokenSource(_limit, _time);
        ReadResult read;
        // Not by a token: the server could not make an end of a body whose reading was broken off so, and would log an error for each.
        using (_end.Token.UnsafeRegister(static body => ((PipeReader)body!).CancelPendingRead(), _inner)) read = await _inner.ReadAsync(cancellationToken);
        if (!read.IsCanceled || !_end.IsCancellationRequested) return read;
        _inner.AdvanceTo(read.Buffer.Start);
        throw new BadHttpRequestException("The body did not come within Connections:BodyTimeout.", StatusCodes.Status408RequestTimeout);
    }

    public override bool TryRead(out ReadResult result) => _inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _inner.CompleteAsync(exception);

    public void Dispose() => _end?.Dispose();
}
