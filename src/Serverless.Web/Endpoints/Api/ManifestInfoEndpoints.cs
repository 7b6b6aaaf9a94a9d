using Serverless.Registry;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/repositories/NAME/_manifests/REFERENCE</c>, and what refers to it.</summary>
internal sealed class ManifestInfoEndpoints(ContainerRegistry registry, CallerRepositories repositories) : IEndpoints
{
    private const int MaxDepth = 4;
    private const int MaxInPage = 100;

    // Lists that are read for one tree; each is a call to storage.
    private const int MaxLists = 50;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.ManifestInfo r, "GET") => (http, _) => ShowAsync(http, r),
        (RegistryRoute.ManifestInfo r, "DELETE") => (http, caller) => DeleteAsync(http, caller, r),
        (RegistryRoute.ReferrerTree r, "GET") => (http, _) => ListReferrersAsync(http, r),
        _ => null,
    };

    private async Task ShowAsync(HttpContext http, RegistryRoute.ManifestInfo route)
    {
        var repository = registry.GetRepository(route.Name);
        var stored = await repository.Manifests.GetAsync(RouteValues.ParseReference(route.Reference), http.RequestAborted) ?? throw new RegistryException(RegistryError.ManifestUnknown);
        var manifest = stored.Parse(registry.Options.ManifestTypes);
        var config = await ImageConfigs.FindAsync(repository, manifest, http.RequestAborted);
        await ApiBody.WriteAsync(http, ManifestDocument.Of(manifest, config), ApiJson.Default.ManifestDocument, hasTag: true);
    }

    private async Task DeleteAsync(HttpContext http, Caller caller, RegistryRoute.ManifestInfo route)
    {
        // A tag would be ambiguous: it could mean the tag, or what it points at.
        var digest = RouteValues.ParseDigest(route.Reference);
        if (!await repositories.Get(http, route.Name, caller).Manifests.DeleteAsync(digest, http.RequestAborted)) throw new RegistryException(RegistryError.ManifestUnknown);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ListReferrersAsync(HttpContext http, RegistryRoute.ReferrerTree route)
    {
        var tree = new Tree(registry.GetRepository(route.Name).Referrers, http.RequestAborted);
        var referrers = await tree.ReadAsync(RouteValues.ParseDigest(route.Digest), MaxDepth);
        await ApiBody.WriteAsync(http, new ReferrerTreeDocument { Referrers = referrers, HasMore = tree.HasMore }, ApiJson.Default.ReferrerTreeDocument, hasTag: true);
    }

    /// <summary>Reads what refers to a manifest, and what refers to that, within bounds.</summary>
    private sealed class Tree(ReferrerStore store, CancellationToken cancellationToken)
    {
        private int _lists;

        public bool HasMore { get; private set; }

        public async Task<IReadOnlyList<ReferrerDocument>> ReadAsync(Digest subject, int depth)
        {
            if (depth == 0 || _lists == MaxLists)
            {
                HasMore = true;
                return [];
            }

            _lists++;
            var (page, next) = await store.ListPageAsync(subject, null, MaxInPage, null, cancellationToken);
            HasMore |= next is not null;
            List<ReferrerDocument> documents = [];
            foreach (var referrer in page)
            {
                documents.Add(ReferrerDocument.Of(referrer, await ReadAsync(referrer.Digest, depth - 1)));
            }

            return documents;
        }
    }
}
