using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/repositories/NAME/_deleted</c>: what was deleted within the grace, and how it comes back.</summary>
internal sealed class DeletedEndpoints(CallerRepositories repositories) : IEndpoints
{
    private const int MaxShown = 1000;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.DeletedItems r, "GET") => (http, caller) => ListAsync(http, caller, r.Name),
        (RegistryRoute.DeletedItem r, "POST") => (http, caller) => RestoreAsync(http, caller, r),
        _ => null,
    };

    private async Task ListAsync(HttpContext http, Caller caller, RepositoryName name)
    {
        List<DeletedDocument> items = [];
        await foreach (var item in repositories.Get(http, name, caller).Manifests.ListDeletedAsync(http.RequestAborted))
        {
            items.Add(DeletedDocument.Of(item));
            if (items.Count > MaxShown) break;
        }

        var document = new DeletedListDocument { Deleted = [.. items.Take(MaxShown)], HasMore = items.Count > MaxShown };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.DeletedListDocument, hasTag: true);
    }

    private async Task RestoreAsync(HttpContext http, Caller caller, RegistryRoute.DeletedItem route)
    {
        if (!Reference.TryParse(route.Reference, out var reference)) throw new RegistryException(ApiErrors.DeletedUnknown);
        var restored = await repositories.Get(http, route.Name, caller).Manifests.UndeleteAsync(reference, http.RequestAborted) ?? throw new RegistryException(ApiErrors.DeletedUnknown);
        await ApiBody.WriteAsync(http, new RestoredDocument(restored.Descriptor.Digest.ToString(), [.. restored.Tags.Select(t => t.ToString())]), ApiJson.Default.RestoredDocument);
    }
}
