using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Web.Pipeline;

namespace Serverless.Functions;

/// <summary>A function for each family of routes. All do the same: the registry decides on access, refuses what does not fit, and writes the answer itself.</summary>
public sealed class RegistryFunctions(RegistryPipeline pipeline)
{
    private static readonly EmptyResult s_written = new();

    [Function(nameof(Routes.Ping))]
    public Task<IActionResult> PingAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Ping)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Catalog))]
    public Task<IActionResult> CatalogAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Catalog)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Tags))]
    public Task<IActionResult> TagsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Tags)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Manifests))]
    public Task<IActionResult> ManifestsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Manifests)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Referrers))]
    public Task<IActionResult> ReferrersAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Referrers)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Blobs))]
    public Task<IActionResult> BlobsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Blobs)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.UploadStart))]
    public Task<IActionResult> UploadStartAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.UploadStart)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Uploads))]
    public Task<IActionResult> UploadsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Uploads)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.NoEndpoint))]
    public Task<IActionResult> NoEndpointAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.NoEndpoint)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Token))]
    public Task<IActionResult> TokenAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Token)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.OAuth2Token))]
    public Task<IActionResult> OAuth2TokenAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.OAuth2Token)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.OAuth2Exchange))]
    public Task<IActionResult> OAuth2ExchangeAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.OAuth2Exchange)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.SigningKeys))]
    public Task<IActionResult> SigningKeysAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.SigningKeys)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Health))]
    public Task<IActionResult> HealthAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Health)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Api))]
    public Task<IActionResult> ApiAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Api)] HttpRequest request) => AnswerAsync(request);

    [Function(nameof(Routes.Page))]
    public Task<IActionResult> PageAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = Routes.Page)] HttpRequest request) => AnswerAsync(request);

    private async Task<IActionResult> AnswerAsync(HttpRequest request)
    {
        await pipeline.InvokeAsync(request.HttpContext);
        return s_written;
    }
}
