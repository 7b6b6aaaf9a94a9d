namespace Serverless.Registry.Access;

/// <summary>What can be done with a repository; the words of token scopes (distribution 3.1.1, "Token Scope").</summary>
[Flags]
public enum RepositoryActions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To be somebody, or to be let in as nobody. No rule gives it.</summary>
    SignedIn = 1,

    /// <summary>To read manifests and blobs.</summary>
    Pull = 2,

    /// <summary>To write manifests, tags and blobs.</summary>
    Push = 4,

    /// <summary>To delete manifests, tags and blobs.</summary>
    Delete = 8,

    /// <summary>To list all repositories, those included that one may not read. It belongs to the registry, not to a repository.</summary>
    Catalog = 16,

    /// <summary>To look after the registry itself by its API: what everybody imports, and what no repository is about. It belongs to the registry, and gives no right to content.</summary>
    Admin = 64,

    /// <summary>To list tags and referrers. Whoever may pull may do this too.</summary>
    Metadata = 32,

    /// <summary>Everything that can be done with a repository.</summary>
    All = Pull | Push | Delete | Metadata,
}
