using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Routing;

namespace Serverless.Web.Auth;

/// <summary>What a caller must be allowed in order to make a request, computed from route and method alone: no endpoint can forget it.</summary>
/// <param name="Repository">The repository; null when the request is about none.</param>
/// <param name="Actions">The actions on it.</param>
internal sealed record RequiredAccess(RepositoryName? Repository, RepositoryActions Actions)
{
    /// <summary>Nothing: the probes, and the places where one signs in.</summary>
    public static RequiredAccess None { get; } = new(null, RepositoryActions.None);

    public static RequiredAccess Of(RegistryRoute route, string method) => route switch
    {
        RegistryRoute.Ready or RegistryRoute.Health or RegistryRoute.Metrics or RegistryRoute.Token or RegistryRoute.TokenExchange or RegistryRoute.SigningKeys => None,
        RegistryRoute.Ping => new(null, RepositoryActions.SignedIn),
        RegistryRoute.Catalog => new(null, RepositoryActions.Catalog),
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
        // Clients know the word pull, and who may pull may list.
        { Repository: { } name, Actions: RepositoryActions.Metadata } => $"repository:{name}:pull",
        { Repository: { } name } => $"repository:{name}:{string.Join(',', AccessRule.Words(Actions))}",
        _ => "",
    };

    private static RepositoryActions ForContent(string method) => method switch
    {
        "GET" or "HEAD" => RepositoryActions.Pull,
        "DELETE" => RepositoryActions.Delete,
        _ => RepositoryActions.Pull | RepositoryActions.Push,
    };
}
