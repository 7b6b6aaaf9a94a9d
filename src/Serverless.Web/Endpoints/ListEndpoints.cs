using System.Globalization;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/_catalog</c> and <c>/v2/NAME/tags/list</c></summary>
internal sealed class ListEndpoints(ContainerRegistry registry, Locations locations, ListSettings settings) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Catalog, "GET") => CatalogAsync,
        (RegistryRoute.Tags r, "GET") => (http, _) => TagsAsync(http, r),
        _ => null,
    };

    private async Task CatalogAsync(HttpContext http, Caller caller)
    {
        var page = PageRequest.Read(http.Request, settings.CatalogPageSize);
        var (names, more) = page.Count == 0 ? ([], false) : await registry.ListPageAsync(page.Count, page.Last, caller.SeesAll ? null : caller.Sees, http.RequestAborted);
        await WriteAsync(http, "/v2/_catalog", page, null, "repositories", [.. names.Select(n => n.ToString())], more);
    }

    private async Task TagsAsync(HttpContext http, RegistryRoute.Tags route)
    {
        var page = PageRequest.Read(http.Request, settings.TagPageSize);
        var (tags, more) = page.Count == 0 ? ([], false) : await registry.GetRepository(route.Name).Tags.ListPageAsync(page.Count, page.Last, http.RequestAborted);
        // A repository without tags is there as long as it is in the catalog. Nobody else is asked for that.
        if (tags.Count == 0 && !await registry.ContainsAsync(route.Name, http.RequestAborted)) throw new RegistryException(RegistryError.NameUnknown);
        await WriteAsync(http, $"/v2/{route.Name}/tags/list", page, route.Name.ToString(), "tags", [.. tags.Select(t => t.ToString())], more);
    }

    private async Task WriteAsync(HttpContext http, string path, PageRequest page, string? name, string property, List<string> entries, bool more)
    {
        http.Response.ContentType = "application/json";
        if (more) http.Response.Headers.Link = locations.NextPage(path, ("n", page.Count.ToString(CultureInfo.InvariantCulture)), ("last", entries[^1]));
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        if (name is not null) json.WriteString("name", name);
        json.WriteStartArray(property);
        foreach (var entry in entries) json.WriteStringValue(entry);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
