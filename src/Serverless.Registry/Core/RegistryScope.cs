using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>Which repository names belong to a registry.</summary>
public sealed class RegistryScope
{
    private RegistryScope(string prefix) => Prefix = prefix;

    /// <summary>Every name.</summary>
    public static RegistryScope Everything { get; } = new("");

    /// <summary>The names below a path: <c>team</c> holds <c>team/app</c>, but neither <c>team</c> nor <c>teams/app</c>.</summary>
    public static RegistryScope Below(RepositoryName path) => new(path + "/");

    /// <summary>What the names begin with.</summary>
    internal string Prefix { get; }

    /// <summary>Whether the name belongs to the registry.</summary>
    public bool Contains(RepositoryName name) => name.ToString().StartsWith(Prefix, StringComparison.Ordinal);
}
