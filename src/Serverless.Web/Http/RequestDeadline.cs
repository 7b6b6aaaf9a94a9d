namespace Serverless.Web.Http;

/// <summary>
/// The end of a request that takes too long. What it has announced is relied on only for so long: a request that went on for ever could use what the collector has every right
/// to take away.
/// </summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly HttpContext _http;
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _end;

    private RequestDeadline(HttpContext http, TimeSpan limit, TimeProvider time)
    {
        (_http, _aborted) = (http, http.RequestAborted);
        _limit = new CancellationTokenSource(limit, time);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_aborted, _limit.Token);
        // To whoever serves the request it is as if the client had gone.
        http.RequestAborted = _end.Token;
    }

    /// <summary>Ends a request when its time is up, unless this is disposed of by then.</summary>
    public static RequestDeadline Set(HttpContext http, TimeSpan limit, TimeProvider time) => new(http, limit, time);

    public void Dispose()
    {
        // Once it is over it stays so, for those who make an end of the connection.
        if (!_limit.IsCancellationRequested) _http.RequestAborted = _aborted;
        _end.Dispose();
        _limit.Dispose();
    }
}
