using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Routing;

namespace Serverless.Web.Auth;

/// <summary>What a caller must be allowed in order to make a request, computed from route, method and, for mounts, query: no endpoint can forget it.</summary>
/// <param name="Repository">The repository; null when the request is about none.</param>
/// <param name="Actions">The actions on it.</param>
internal sealed record RequiredAccess(RepositoryName? Repository, RepositoryActions Actions)
{
    /// <summary>The parameter of a query that asks the API for what is everybody's, and not only the caller's.</summary>
    public const string AllParameter = "all";

    /// <summary>Nothing: the probes, the places where one signs in, and the page, which is the same for everybody.</summary>
    public static RequiredAccess None { get; } = new(null, RepositoryActions.None);

    /// <summary>The repository that a mount is to be made from, if it is not the one it is made in. It need not be readable: then an upload begins instead.</summary>
    public RepositoryName? Source { get; private init; }

    /// <summary>
    /// Whether the caller knows the repository by another name, as clients of a mirror do: they ask for tokens by that name, whatever a challenge says. Then what counts is what the caller
    /// may do at all.
    /// </summary>
    public bool IsOtherName { get; init; }

    /// <summary>The access that a request needs.</summary>
    public static RequiredAccess Of(RegistryRoute route, HttpRequest request) => Of(route, request.Method) is var access && FindSource(route, request) is { } source && source != access.Repository
        ? access with { Source = source }
        : route is RegistryRoute.Imports && request.Query.ContainsKey(AllParameter) ? new(null, RepositoryActions.Admin) : access;

    /// <summary>The access that a method on a route needs.</summary>
    public static RequiredAccess Of(RegistryRoute route, string method) => route switch
    {
        RegistryRoute.Ready or RegistryRoute.Health or RegistryRoute.Metrics or RegistryRoute.Token or RegistryRoute.TokenExchange or RegistryRoute.SigningKeys or RegistryRoute.Page => None,
        RegistryRoute.Ping or RegistryRoute.ApiDocument => new(null, RepositoryActions.SignedIn),
        // Whose import it is stands in its row, and where one goes in the request's body: the endpoints ask the gate for the rest.
        RegistryRoute.Imports or RegistryRoute.Import => new(null, RepositoryActions.SignedIn),
        RegistryRoute.Catalog or RegistryRoute.Repositories or RegistryRoute.Usage => new(null, RepositoryActions.Catalog),
        _ when RouteFamily.IsAdministration(route) => new(null, RepositoryActions.Admin),
        // What was deleted comes back by a push, and is shown to those who see the rest.
        RegistryRoute.DeletedItem r => new(r.Name, RepositoryActions.Pull | RepositoryActions.Push),
        RegistryRoute.DeletedItems r => new(r.Name, RepositoryActions.Pull),
        RegistryRoute.RepositoryInfo r => new(r.Name, method == "DELETE" ? RepositoryActions.Delete : RepositoryActions.Metadata),
        RegistryRoute.TagInfos r => new(r.Name, RepositoryActions.Metadata),
        RegistryRoute.TagMoves r => new(r.Name, RepositoryActions.Metadata),
        RegistryRoute.TagInfo r => new(r.Name, method is "GET" or "HEAD" ? RepositoryActions.Metadata : ForContent(method)),
        RegistryRoute.ManifestInfo r => new(r.Name, ForContent(method)),
        RegistryRoute.ReferrerTree r => new(r.Name, RepositoryActions.Metadata),
        RegistryRoute.Tags r => new(r.Name, RepositoryActions.Metadata),
        RegistryRoute.Referrers r => new(r.Name, RepositoryActions.Metadata),
        RegistryRoute.Manifest r => new(r.Name, ForContent(method)),
        RegistryRoute.Blob r => new(r.Name, ForContent(method)),
        // An upload belongs to those who may push, its status and its end included.
        RegistryRoute.Uploads r => new(r.Name, RepositoryActions.Pull | RepositoryActions.Push),
        RegistryRoute.Upload r => new(r.Name, RepositoryActions.Pull | RepositoryActions.Push),
        _ => throw new ArgumentOutOfRangeException(nameof(route), route, "A route without a rule of access."),
    };

    /// <summary>The access as the scope of a token (distribution 3.1.1, "Token Scope"); empty when it takes no scope.</summary>
    public string Describe() => this switch
    {
        { Actions: RepositoryActions.Catalog } => AccessRule.Catalog.ToString(),
        { Actions: RepositoryActions.Admin } => AccessRule.Admin.ToString(),
        // Clients know the word pull, and who may pull may list.
        { Repository: { } name, Actions: RepositoryActions.Metadata } => $"repository:{name}:pull",
        { Repository: { } name, Source: { } source } => $"repository:{name}:{string.Join(',', AccessRule.Words(Actions))} repository:{source}:pull",
        { Repository: { } name } => $"repository:{name}:{string.Join(',', AccessRule.Words(Actions))}",
        _ => "",
    };

    // As the endpoint reads it; what is no name is refused there.
    private static RepositoryName? FindSource(RegistryRoute route, HttpRequest request) =>
        route is RegistryRoute.Uploads && request.Method == "POST" && request.Query is var query && query["mount"].Count > 0 && query["digest"].Count == 0
            && query["from"] is [{ } from, ..] && RepositoryName.TryParse(from, out var source) ? source : null;

    private static RepositoryActions ForContent(string method) => method switch
    {
        "GET" or "HEAD" => RepositoryActions.Pull,
        "DELETE" => RepositoryActions.Delete,
        _ => RepositoryActions.Pull | RepositoryActions.Push,
    };
}
