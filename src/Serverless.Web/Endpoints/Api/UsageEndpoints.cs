using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/usage</c>: what namespaces hold, of the repositories that the caller may see.</summary>
internal sealed class UsageEndpoints(ContainerRegistry registry) : IEndpoints
{
    private const int MaxInPage = 1000;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) is (RegistryRoute.Usage, "GET") ? ListAsync : null;

    private async Task ListAsync(HttpContext http, Caller caller)
    {
        var page = ApiPage.Read(http.Request, MaxInPage);
        // Any text is a place between names.
        if (page.Cursor is { } cursor && !cursor.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "._-/".Contains(c, StringComparison.Ordinal))) throw ApiPage.ForeignCursor();
        List<NamespaceDocument> namespaces = [];
        string? next = null;
        await foreach (var usage in registry.Usage.ListNamespacesAsync(page.Cursor, name => MaySee(caller, name), http.RequestAborted))
        {
            if (namespaces.Count == page.Count)
            {
                next = namespaces[^1].Name;
                break;
            }

            namespaces.Add(NamespaceDocument.Of(usage));
        }

        var total = caller.SeesAll ? await registry.Usage.FindTotalAsync(http.RequestAborted) : null;
        var document = new UsageDocument { Total = total is null ? null : new UseDocument(total.Bytes, total.Blobs, total.CountedAt), Namespaces = namespaces, Cursor = next };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.UsageDocument, hasTag: true);
    }

    private static bool MaySee(Caller caller, RepositoryName name) => caller.SeesAll || caller.CatalogRights.On(name).HasFlag(RepositoryActions.Pull);
}
