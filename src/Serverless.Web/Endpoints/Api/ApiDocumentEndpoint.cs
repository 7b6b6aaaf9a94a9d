using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary>
/// <c>/api/v1/openapi.json</c>: the API, described for programs (OpenAPI 3.1). It is made when the API changes and not when somebody asks: it costs no start and no memory, and what makes
/// it need not run ahead of time. A test makes it anew from the routes and types, and compares.
/// </summary>
internal sealed class ApiDocumentEndpoint : IEndpoints
{
    private const string Resource = "openapi.json";

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) is (RegistryRoute.ApiDocument, "GET") ? (http, _) => AnswerAsync(http) : null;

    /// <summary>The document.</summary>
    public static Stream Open() => typeof(ApiDocumentEndpoint).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException("The description of the API is not in the executable.");

    private static async Task AnswerAsync(HttpContext http)
    {
        await using var document = Open();
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = document.Length;
        await document.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
