using Serverless.Functions.Auth;
using Serverless.Functions.Hosting;
using Serverless.Functions.Http;
using Serverless.Functions.Routing;
using Serverless.Registry.Oci;
using Serverless.Registry.Repositories;

namespace Serverless.Functions.Endpoints;

/// <summary>Which endpoint answers which route and method.</summary>
internal sealed class EndpointTable(ContainerRegistry registry, RegistrySettings settings)
{
    private readonly BlobEndpoints _blobs = new(registry, settings);
    private readonly ManifestEndpoints _manifests = new(registry, new Locations(settings.PublicUrl));
    private readonly UploadEndpoints _uploads = new(registry, new Locations(settings.PublicUrl));

    /// <exception cref="RegistryException">UNSUPPORTED: the route does not know the method.</exception>
    public Task AnswerAsync(HttpContext http, RegistryRoute route, Caller caller) => (route, http.Request.Method) switch
    {
        (RegistryRoute.Ready, "GET" or "HEAD") => PingEndpoint.ReadyAsync(http),
        (RegistryRoute.Ping, "GET" or "HEAD") => PingEndpoint.PingAsync(http),
        (RegistryRoute.Manifest r, "GET") => _manifests.GetAsync(http, r),
        (RegistryRoute.Manifest r, "HEAD") => _manifests.HeadAsync(http, r),
        (RegistryRoute.Manifest r, "PUT") => _manifests.PutAsync(http, r, caller),
        (RegistryRoute.Blob r, "GET") => _blobs.GetAsync(http, r),
        (RegistryRoute.Blob r, "HEAD") => _blobs.HeadAsync(http, r, caller),
        (RegistryRoute.Uploads r, "POST") => _uploads.StartAsync(http, r, caller),
        (RegistryRoute.Upload r, "GET" or "HEAD") => _uploads.StatusAsync(http, r),
        (RegistryRoute.Upload r, "PATCH") => _uploads.AppendAsync(http, r),
        (RegistryRoute.Upload r, "PUT") => _uploads.FinishAsync(http, r),
        (RegistryRoute.Upload r, "DELETE") => _uploads.CancelAsync(http, r),
        _ => throw new RegistryException(RegistryError.Unsupported),
    };
}
