using Serverless.Functions.Auth;
using Serverless.Functions.Hosting;
using Serverless.Functions.Routing;
using Serverless.Registry;

namespace Serverless.Functions.Endpoints;

/// <summary>Which endpoint answers which route and method.</summary>
/// <param name="registry">The registry.</param>
/// <param name="settings">The settings.</param>
/// <param name="tokens">The token service; null when there is none.</param>
/// <param name="health">The health of the registry.</param>
/// <param name="metrics">What is measured; null when there is no such path.</param>
internal sealed class EndpointTable(ContainerRegistry registry, RegistrySettings settings, TokenEndpoints? tokens, HealthEndpoint health, MetricsEndpoint? metrics)
{
    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    private readonly BlobEndpoints _blobs = new(registry, settings);
    private readonly ListEndpoints _lists = new(registry, settings.Locations, settings);
    private readonly ReferrerEndpoints _referrers = new(registry, settings.Locations);
    private readonly ManifestEndpoints _manifests = new(registry, settings);
    private readonly UploadEndpoints _uploads = new(registry, settings.Locations);

    /// <summary>The endpoint; null when the route does not know the method.</summary>
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Ready, "GET" or "HEAD") => static (http, _) => PingEndpoint.ReadyAsync(http),
        (RegistryRoute.Health, "GET" or "HEAD") => (http, _) => health.AnswerAsync(http),
        (RegistryRoute.Metrics, "GET" or "HEAD") => (http, _) => metrics!.AnswerAsync(http),
        (RegistryRoute.Ping, "GET" or "HEAD") => static (http, _) => PingEndpoint.PingAsync(http),
        (RegistryRoute.Token or RegistryRoute.TokenExchange or RegistryRoute.SigningKeys, _) when tokens is null => throw RouteParser.NoEndpoint(),
        (RegistryRoute.Token, "GET") => (http, _) => tokens!.GetAsync(http),
        (RegistryRoute.Token, "POST") => (http, _) => tokens!.PostAsync(http),
        (RegistryRoute.TokenExchange, "POST") => (http, _) => tokens!.ExchangeAsync(http),
        (RegistryRoute.SigningKeys, "GET") => (http, _) => tokens!.KeysAsync(http),
        (RegistryRoute.Catalog, "GET") => _lists.CatalogAsync,
        (RegistryRoute.Tags r, "GET") => (http, _) => _lists.TagsAsync(http, r),
        (RegistryRoute.Referrers r, "GET") => (http, _) => _referrers.ListAsync(http, r),
        (RegistryRoute.Manifest r, "GET") => (http, _) => _manifests.GetAsync(http, r),
        (RegistryRoute.Manifest r, "HEAD") => (http, _) => _manifests.HeadAsync(http, r),
        (RegistryRoute.Manifest r, "PUT") => (http, caller) => _manifests.PutAsync(http, r, caller),
        (RegistryRoute.Manifest r, "DELETE") => (http, _) => _manifests.DeleteAsync(http, r),
        (RegistryRoute.Blob r, "GET") => (http, _) => _blobs.GetAsync(http, r),
        (RegistryRoute.Blob r, "HEAD") => (http, caller) => _blobs.HeadAsync(http, r, caller),
        (RegistryRoute.Blob r, "DELETE") => (http, _) => _blobs.DeleteAsync(http, r),
        (RegistryRoute.Uploads r, "POST") => (http, caller) => _uploads.StartAsync(http, r, caller),
        (RegistryRoute.Upload r, "GET" or "HEAD") => (http, _) => _uploads.StatusAsync(http, r),
        (RegistryRoute.Upload r, "PATCH") => (http, _) => _uploads.AppendAsync(http, r),
        (RegistryRoute.Upload r, "PUT") => (http, _) => _uploads.FinishAsync(http, r),
        (RegistryRoute.Upload r, "DELETE") => (http, _) => _uploads.CancelAsync(http, r),
        _ => null,
    };

    /// <summary>The methods that a route knows (RFC 9110, "Allow").</summary>
    public string Methods(RegistryRoute route) => string.Join(", ", s_methods.Where(m => Find(route, m) is not null));
}

/// <summary>Answers a request that was let in.</summary>
internal delegate Task Endpoint(HttpContext http, Caller caller);
