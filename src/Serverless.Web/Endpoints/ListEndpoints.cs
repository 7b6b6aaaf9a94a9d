using System.Globalization;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/_catalog</c> and <c>/v2/NAME/tags/list</c></summary>
internal sealed class ListEndpoints(ContainerRegistry registry, Locations locations, ListSettings settings) : IEndpoints
{
    // Not `last`: it says a place that the client may not know by its name.
    private const string CursorParameter = "cursor";

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Catalog, "GET") => CatalogAsync,
        (RegistryRoute.Tags r, "GET") => (http, _) => TagsAsync(http, r),
        _ => null,
    };

    private async Task CatalogAsync(HttpContext http, Caller caller)
    {
        var page = PageRequest.Read(http.Request, settings.CatalogPageSize);
        var cursor = http.Request.Query[CursorParameter].ToString() is { Length: > 0 } text ? text : null;
        var names = page.Count == 0 ? new CatalogPage([], false) : await ListAsync(page, cursor, caller, http.RequestAborted);
        var next = names.Cursor is { } place ? (CursorParameter, place) : AfterLast(names.Names);
        await WriteAsync(http, "/v2/_catalog", page, null, "repositories", names.Names, names.More ? next : null);
    }

    private async Task TagsAsync(HttpContext http, RegistryRoute.Tags route)
    {
        var page = PageRequest.Read(http.Request, settings.TagPageSize);
        var (tags, more) = page.Count == 0 ? ([], false) : await registry.GetRepository(route.Name).Tags.ListPageAsync(page.Count, page.Last, http.RequestAborted);
        // A repository without tags is there as long as it is in the catalog. Nobody else is asked for that.
        if (tags.Count == 0 && !await registry.ContainsAsync(route.Name, http.RequestAborted)) throw new RegistryException(RegistryError.NameUnknown);
        await WriteAsync(http, $"/v2/{route.Name}/tags/list", page, route.Name.ToString(), "tags", tags, more ? AfterLast(tags) : null);
    }

    private async Task<CatalogPage> ListAsync(PageRequest page, string? cursor, Caller caller, CancellationToken cancellationToken)
    {
        if (cursor is not null || !caller.SeesAll) return await registry.ListPageAsync(page.Count, page.Last, cursor, caller.CatalogRights, cancellationToken);
        var (names, more) = await registry.ListPageAsync(page.Count, page.Last, cancellationToken);
        return new CatalogPage(names, more);
    }

    private static (string Name, string Value)? AfterLast<T>(IReadOnlyList<T> entries) => entries.Count > 0 ? ("last", $"{entries[^1]}") : null;

    private async Task WriteAsync<T>(
        HttpContext http, string path, PageRequest page, string? name, string property, IReadOnlyList<T> entries, (string Name, string Value)? next)
    {
        http.Response.ContentType = "application/json";
        if (next is { } place) http.Response.Headers.Link = locations.NextPage(path, ("n", page.Count.ToString(CultureInfo.InvariantCulture)), place);
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        if (name is not null) json.WriteString("name", name);
        json.WriteStartArray(property);
        foreach (var entry in entries) json.WriteStringValue($"{entry}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
