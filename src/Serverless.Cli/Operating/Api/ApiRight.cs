using Serverless.Registry.Access;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Operating.Api;

/// <summary>A right that a request needs.</summary>
/// <param name="Scope">As a token's scope says it.</param>
/// <param name="Rule">As a scope map says it.</param>
internal sealed record ApiRight(string Scope, string Rule)
{
    /// <summary>To look after accounts and scope maps.</summary>
    public static ApiRight Admin { get; } = new(AccessRule.Admin.ToString(), AccessRule.Admin.ToString());

    /// <summary>To list repositories.</summary>
    public static ApiRight Catalog { get; } = new(AccessRule.Catalog.ToString(), AccessRule.Catalog.ToString());

    /// <summary>To see what a repository has.</summary>
    public static ApiRight Pull(RepositoryName name) => On(name, "pull");

    /// <summary>To change what a repository has.</summary>
    public static ApiRight Push(RepositoryName name) => On(name, "pull,push");

    /// <summary>To delete what a repository has.</summary>
    public static ApiRight Delete(RepositoryName name) => On(name, "delete");

    private static ApiRight On(RepositoryName name, string actions) => new($"repository:{name}:{actions}", $"{name}:{actions}");
}
