using Microsoft.AspNetCore.Http.Features;
using Serverless.Functions.Auth;
using Serverless.Functions.Endpoints;
using Serverless.Functions.Hosting;
using Serverless.Functions.Maintenance;
using Serverless.Functions.Routing;
using Serverless.Functions.Telemetry;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Functions.Http;

/// <summary>
/// The way of every request:
/// <code>
/// errors -> route -> access -> switches -> endpoint -> service
///      \-> timer of the Functions host
/// </code>
/// </summary>
internal sealed partial class RegistryPipeline(
    ContainerRegistry registry, RegistrySettings settings, AccessGate gate, TokenEndpoints? tokens, TimerEndpoint? timers, HealthEndpoint health, MetricsEndpoint? metrics,
    ILogger<RegistryPipeline> logger)
{
    private static readonly RegistryError s_bug = new("UNKNOWN", StatusCodes.Status500InternalServerError, "the registry failed");

    private readonly EndpointTable _endpoints = new(registry, settings, tokens, health, metrics);

    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http);
        }
        catch (RegistryException e)
        {
            await WriteErrorAsync(http, e.Error, e.Message, e.Detail);
        }
        catch (StorageUnavailableException e)
        {
            LogStorageUnavailable(e, http.Request.Method, http.Request.Path);
            await WriteErrorAsync(http, RegistryError.StorageUnavailable, null, null);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            RequestRecord.Of(http).IsBroken = http.Response.HasStarted;
            http.Abort();
        }
        catch (BadHttpRequestException e)
        {
            LogBadRequest(http.Request.Method, http.Request.Path, e.Message);
            await WriteErrorAsync(http, RegistryError.SizeInvalid with { Status = e.StatusCode }, "the request's body cannot be read", null);
        }
        catch (IOException e) when (e.Source == "Microsoft.AspNetCore.Server.Kestrel.Core")
        {
            // The server's own way to say that a chunk's size is no number.
            LogBadRequest(http.Request.Method, http.Request.Path, e.Message);
            await WriteErrorAsync(http, RegistryError.SizeInvalid, "the request's body cannot be read", null);
        }
        catch (Exception e)
        {
            LogBug(e, http.Request.Method, http.Request.Path);
            await WriteErrorAsync(http, s_bug, null, null);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (timers?.Find(http) is { } task)
        {
            RequestRecord.Of(http).Timer = task.Name;
            await timers.AnswerAsync(http, task);
            return;
        }

        if (WithoutPrefix(Path(http)) is not { } path || RouteParser.Parse(path) is not { } route || (route is RegistryRoute.Metrics && metrics?.IsFor(http) != true))
        {
            throw RouteParser.NoEndpoint();
        }

        RequestRecord.Of(http).Route = route;
        if (!RouteFamily.IsProbe(route)) http.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        var caller = await gate.AdmitAsync(http, RequiredAccess.Of(route, http.Request.Method));
        if (_endpoints.Find(route, http.Request.Method) is not { } endpoint)
        {
            http.Response.Headers.Allow = _endpoints.Methods(route);
            throw new RegistryException(RegistryError.Unsupported);
        }

        if (IsWrite(route, http.Request.Method)) await registry.Switches.DemandAsync(delete: IsDelete(route, http.Request.Method), http.RequestAborted);
        await endpoint(http, caller);
    }

    // The readiness probe is the host's and knows nothing of prefixes, no more than do others who watch this process.
    private string? WithoutPrefix(string path) =>
        path is "/" or "/healthz" or "/metrics" ? path
        : path.StartsWith(settings.Prefix, StringComparison.Ordinal) ? path[settings.Prefix.Length..]
        : null;

    // Whoever wants to read must be able to sign in.
    private static bool IsWrite(RegistryRoute route, string method) =>
        method is "POST" or "PUT" or "PATCH" or "DELETE" && route is not (RegistryRoute.Token or RegistryRoute.TokenExchange);

    // Cancelling an upload takes away nothing that anybody could have read.
    private static bool IsDelete(RegistryRoute route, string method) => method == "DELETE" && route is not RegistryRoute.Upload;

    private static string Path(HttpContext http)
    {
        // As it was sent: the server's own reading has merged dots and decoded some characters, but not all.
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    private async Task WriteErrorAsync(HttpContext http, RegistryError error, string? message, object? detail)
    {
        if (http.Response.HasStarted)
        {
            // The status is out; a broken connection is the one way left to say that the body is not whole.
            LogLate(http.Request.Method, http.Request.Path, error.Code);
            RequestRecord.Of(http).IsBroken = true;
            http.Abort();
            return;
        }

        await ErrorWriter.WriteAsync(http, error, message, detail);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: storage is not available")]
    private partial void LogStorageUnavailable(Exception exception, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path}: bad request: {Reason}")]
    private partial void LogBadRequest(string method, PathString path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogBug(Exception exception, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} failed with {Code} after its answer had begun")]
    private partial void LogLate(string method, PathString path, string code);
}
