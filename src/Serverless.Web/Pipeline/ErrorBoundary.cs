using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>Makes the protocol's error of whatever goes wrong while a request is answered.</summary>
internal sealed partial class ErrorBoundary(Locations locations, ILogger<ErrorBoundary> logger)
{
    private static readonly RegistryError s_bug = new("UNKNOWN", StatusCodes.Status500InternalServerError, "the registry failed");

    public async Task GuardAsync(HttpContext http, RequestDelegate answer)
    {
        try
        {
            await answer(http);
        }
        catch (RegistryException e)
        {
            await WriteAsync(http, e.Error, e.Message, e.Detail);
        }
        catch (StorageUnavailableException e)
        {
            LogStorageUnavailable(e, http.Request.Method, http.Request.Path);
            await WriteAsync(http, RegistryError.StorageUnavailable, null, null);
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
            var message = e.StatusCode == StatusCodes.Status408RequestTimeout ? "the request's body did not come in time" : "the request's body cannot be read";
            await WriteAsync(http, RegistryError.SizeInvalid with { Status = e.StatusCode }, message, null);
        }
        catch (IOException e) when (e.Source == "Microsoft.AspNetCore.Server.Kestrel.Core")
        {
            // The server's own way to say that a chunk's size is no number. Where the next request would begin nobody knows.
            http.Response.Headers.Connection = "close";
            LogBadRequest(http.Request.Method, http.Request.Path, e.Message);
            await WriteAsync(http, RegistryError.SizeInvalid, "the request's body cannot be read", null);
        }
        catch (Exception e)
        {
            LogBug(e, http.Request.Method, http.Request.Path);
            await WriteAsync(http, s_bug, null, null);
        }
    }

    private async Task WriteAsync(HttpContext http, RegistryError error, string? message, object? detail)
    {
        if (http.Response.HasStarted)
        {
            // The status is out; a broken connection is the one way left to say that the body is not whole.
            LogLate(http.Request.Method, http.Request.Path, error.Code);
            RequestRecord.Of(http).IsBroken = true;
            http.Abort();
            return;
        }

        var isApi = locations.WithoutPrefix(RequestTarget.Path(http)) is { } path && RouteParser.IsApi(path);
        await (isApi ? ErrorWriter.WriteProblemAsync(http, error, message, detail) : ErrorWriter.WriteAsync(http, error, message, detail));
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
