using System.Buffers;
using System.Text.Json;
using Serverless.Registry.Health;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary><c>/healthz</c>: whether the registry can do its work, for those who watch it. Everybody may ask, so the answer names states and times and nothing else.</summary>
internal sealed class HealthEndpoint(HealthCheck check) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) =>
        (route, method) is (RegistryRoute.Health, "GET" or "HEAD") ? (http, _) => AnswerAsync(http) : null;

    private async Task AnswerAsync(HttpContext http)
    {
        var report = await check.GetAsync(http.RequestAborted);
        var body = Write(report);
        http.Response.StatusCode = report.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Write(HealthReport report)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("status", report.IsHealthy ? "healthy" : "unhealthy");
        WritePart(json, "tables", report.Tables, null);
        WritePart(json, "objects", report.Objects, null);
        WritePart(json, "repositoryQueue", report.Repositories.Status, report.Repositories.Overdue);
        WritePart(json, "blobQueue", report.Blobs.Status, report.Blobs.Overdue);
        if (report.Events is { } events) WritePart(json, "events", events.Status, events.Overdue);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static void WritePart(Utf8JsonWriter json, string name, HealthStatus status, TimeSpan? overdue)
    {
        json.WriteStartObject(name);
        json.WriteString("status", status switch
        {
            HealthStatus.Healthy => "healthy",
            HealthStatus.Unreachable => "unreachable",
            HealthStatus.Overdue => "overdue",
            HealthStatus.Paused => "paused",
            HealthStatus.Foreign => "foreign",
            _ => "unknown",
        });
        if (overdue is { } time) json.WriteNumber("overdueSeconds", (long)time.TotalSeconds);
        json.WriteEndObject();
    }
}
