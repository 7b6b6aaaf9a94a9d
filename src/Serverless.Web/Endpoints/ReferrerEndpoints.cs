using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Web.Http;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/NAME/referrers/DIGEST</c></summary>
internal sealed class ReferrerEndpoints(ContainerRegistry registry, Locations locations) : IEndpoints
{
    private const string FilterParameter = "artifactType";

    // Media types have a plus sign, and it is written as such. None of this is ever part of a web page.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Endpoint? Find(RegistryRoute route, string method) =>
        (route, method) is (RegistryRoute.Referrers r, "GET") ? (http, _) => ListAsync(http, r) : null;

    private async Task ListAsync(HttpContext http, RegistryRoute.Referrers route)
    {
        var subject = RouteValues.ParseDigest(route.Digest);
        var page = PageRequest.Read(http.Request, registry.Options.MaxReferrersInPage);
        var filter = http.Request.Query[FilterParameter].ToString() is { Length: > 0 } type ? type : null;
        var (referrers, next) = await registry.GetRepository(route.Name).Referrers.ListPageAsync(subject, filter, page.Count, page.Last, http.RequestAborted);

        http.Response.ContentType = MediaTypes.OciIndex;
        if (filter is not null) http.Response.Headers["OCI-Filters-Applied"] = FilterParameter;
        if (next is not null) http.Response.Headers.Link = NextPage(route, page, filter, next);
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, s_json);
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.OciIndex);
        json.WriteStartArray("manifests");
        foreach (var referrer in referrers) json.WriteRawValue(referrer.Descriptor.Span, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private string NextPage(RegistryRoute.Referrers route, PageRequest page, string? filter, string last)
    {
        List<(string, string)> parameters = [("n", page.Count.ToString(CultureInfo.InvariantCulture)), ("last", last)];
        if (filter is not null) parameters.Add((FilterParameter, filter));
        return locations.NextPage($"/v2/{route.Name}/referrers/{route.Digest}", [.. parameters]);
    }
}
