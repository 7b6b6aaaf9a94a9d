using Serverless.Registry.Accounts;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/audit</c>: what was changed by those who look after the registry.</summary>
internal sealed class AuditEndpoints(AdminLog log) : IEndpoints
{
    private const int MaxInPage = 100;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) is (RegistryRoute.Audit, "GET") ? (http, _) => ListAsync(http) : null;

    private async Task ListAsync(HttpContext http)
    {
        var page = ApiPage.Read(http.Request, MaxInPage);
        if (page.Cursor is { } cursor && !cursor.All(char.IsAsciiHexDigitLower)) throw ApiPage.ForeignCursor();
        var (changes, more) = await log.ListPageAsync(page.Count, page.Cursor, http.RequestAborted);
        await ApiBody.WriteAsync(http, new AuditDocument { Changes = [.. changes.Select(AuditEntryDocument.Of)], Cursor = more ? changes[^1].Id : null }, ApiJson.Default.AuditDocument, hasTag: true);
    }
}
