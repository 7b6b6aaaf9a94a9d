using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>
/// The way of every request, whoever listens for it:
/// <code>
/// observer -> errors -> route -> access -> body limits -> switches -> endpoint -> service
/// </code>
/// </summary>
public sealed class RegistryPipeline
{
    private readonly RequestObserver _observer;
    private readonly RequestDelegate _answer;

    internal RegistryPipeline(RequestObserver observer, ErrorBoundary errors, RequestRouter router)
    {
        _observer = observer;
        _answer = http => errors.GuardAsync(http, router.AnswerAsync);
    }

    /// <summary>Answers a request. No exception leaves it.</summary>
    public Task InvokeAsync(HttpContext http) => _observer.ObserveAsync(http, _answer);
}
