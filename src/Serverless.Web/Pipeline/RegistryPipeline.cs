using Serverless.Web.Http;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>
/// The way of every request, whoever listens for it:
/// <code>
/// headers -> observer -> errors -> host, origin -> route -> access, pull limits -> body limits -> switches -> endpoint -> service
/// </code>
/// </summary>
public sealed class RegistryPipeline
{
    private readonly RequestObserver _observer;
    private readonly RequestDelegate _answer;

    internal RegistryPipeline(RequestObserver observer, ErrorBoundary errors, FrontDoor door, RequestRouter router)
    {
        _observer = observer;
        RequestDelegate next = http => door.Answer(http) ? Task.CompletedTask : router.AnswerAsync(http);
        _answer = http => errors.GuardAsync(http, next);
    }

    /// <summary>Answers a request. No exception leaves it.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        AnswerHeaders.Set(http);
        return _observer.ObserveAsync(http, _answer);
    }
}
