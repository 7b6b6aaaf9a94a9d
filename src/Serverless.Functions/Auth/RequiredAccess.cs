using Serverless.Functions.Routing;
using Serverless.Registry.Oci;

namespace Serverless.Functions.Auth;

/// <summary>What a caller must be allowed in order to make a request, computed from route and method alone: no endpoint can forget it.</summary>
/// <param name="Repository">The repository; null when the request is about none.</param>
/// <param name="Actions">The actions on it.</param>
internal sealed record RequiredAccess(RepositoryName? Repository, RepositoryActions Actions)
{
    /// <summary>Nothing: the readiness probe.</summary>
    public static RequiredAccess None { get; } = new(null, RepositoryActions.None);

    public static RequiredAccess Of(RegistryRoute route, string method) => route switch
    {
        RegistryRoute.Ready => None,
        RegistryRoute.Ping => new(null, RepositoryActions.SignedIn),
        RegistryRoute.Catalog => new(null, RepositoryActions.Catalog),
        RegistryRoute.Tags r => new(r.Name, RepositoryActions.Pull),
        RegistryRoute.Referrers r => new(r.Name, RepositoryActions.Pull),
        RegistryRoute.Manifest r => new(r.Name, ForContent(method)),
        RegistryRoute.Blob r => new(r.Name, ForContent(method)),
        // An upload belongs to those who may push, its status and its end included.
        RegistryRoute.Uploads r => new(r.Name, RepositoryActions.Pull | RepositoryActions.Push),
        RegistryRoute.Upload r => new(r.Name, RepositoryActions.Pull | RepositoryActions.Push),
        _ => throw new ArgumentOutOfRangeException(nameof(route), route, "A route without a rule of access."),
    };

    private static RepositoryActions ForContent(string method) => method switch
    {
        "GET" or "HEAD" => RepositoryActions.Pull,
        "DELETE" => RepositoryActions.Delete,
        _ => RepositoryActions.Pull | RepositoryActions.Push,
    };
}

/// <summary>What can be done with a repository; the words of token scopes.</summary>
[Flags]
internal enum RepositoryActions
{
    None = 0,

    /// <summary>To be somebody, or to be let in as nobody.</summary>
    SignedIn = 1,
    Pull = 2,
    Push = 4,
    Delete = 8,

    /// <summary>To list the registry's repositories.</summary>
    Catalog = 16,
}
