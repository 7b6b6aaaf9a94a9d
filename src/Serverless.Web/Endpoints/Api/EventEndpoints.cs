using Serverless.Registry.Accounts;
using Serverless.Registry.Delivery;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/events</c>: events that were given up, for those who look after the registry.</summary>
internal sealed class EventEndpoints(EventDelivery delivery, AdminLog log) : IEndpoints
{
    private const int MaxInPage = 100;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Events, "GET") => (http, _) => ListAsync(http),
        (RegistryRoute.EventOf r, "POST") => (http, caller) => ResendAsync(http, caller, r),
        _ => null,
    };

    private async Task ListAsync(HttpContext http)
    {
        var page = ApiPage.Read(http.Request, MaxInPage);
        var after = page.Cursor?.Split(':', 2) switch
        {
            null => default((string, string)?),
            [var endpoint, var id] when IsName(endpoint) && IsId(id) => (endpoint, id),
            _ => throw ApiPage.ForeignCursor(),
        };
        var (events, more) = await delivery.ListUndeliveredPageAsync(page.Count, after, http.RequestAborted);
        var document = new EventListDocument
        {
            Endpoints = [.. delivery.Endpoints.Order(StringComparer.Ordinal)],
            Undelivered = [.. events.Select(UndeliveredDocument.Of)],
            Cursor = more ? $"{events[^1].Endpoint}:{events[^1].Id}" : null,
        };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.EventListDocument, hasTag: true);
    }

    private async Task ResendAsync(HttpContext http, Caller caller, RegistryRoute.EventOf route)
    {
        if (!IsName(route.Endpoint) || !IsId(route.Id)) throw new RegistryException(ApiErrors.EventUnknown);
        await log.NoteAsync(caller.Name, "event.resend", $"{route.Endpoint}:{route.Id}", null, http.RequestAborted);
        if (await delivery.ResendAsync(route.Endpoint, route.Id, http.RequestAborted) is null) throw new RegistryException(ApiErrors.EventUnknown);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool IsId(string text) => Guid.TryParseExact(text, "D", out _);
}
