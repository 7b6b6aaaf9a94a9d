namespace Serverless.FunctionsHost.Requests;

/// <summary>All that can end a request before its function does.</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly CancellationTokenSource _beginning;
    private readonly CancellationTokenSource _running;
    private readonly CancellationTokenSource _either;
    private volatile bool _isOver;

    /// <param name="http">The request; its client may go.</param>
    /// <param name="responseTimeout">How long its answer may take to begin.</param>
    /// <param name="functionTimeout">How long its function may run; null: for ever.</param>
    public RequestLimits(HttpContext http, TimeSpan responseTimeout, TimeSpan? functionTimeout)
    {
        _beginning = new CancellationTokenSource(responseTimeout);
        _running = new CancellationTokenSource(functionTimeout ?? Timeout.InfiniteTimeSpan);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_beginning.Token, _running.Token, http.RequestAborted);
        http.Response.OnStarting(() =>
        {
            // An answer without a body begins when all is over.
            if (!_isOver) _beginning.CancelAfter(Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
    }

    public CancellationToken Token => _either.Token;

    /// <summary>Whether the load balancer in front of the host has given up, not the host itself.</summary>
    public bool IsGivenUpInFront => _beginning.IsCancellationRequested;

    public void Dispose()
    {
        _isOver = true;
        _either.Dispose();
        _running.Dispose();
        _beginning.Dispose();
    }
}
