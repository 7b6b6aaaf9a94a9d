namespace Serverless.Functions.Endpoints;

/// <summary>Whether there is a registry.</summary>
internal static class PingEndpoint
{
    /// <summary>For the Functions host and load balancers, which ask before anything else works and often: no storage, no body.</summary>
    public static Task ReadyAsync(HttpContext http)
    {
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>For clients, which ask for the version of the protocol.</summary>
    public static Task PingAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 2;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync("{}"u8.ToArray()).AsTask();
    }
}
