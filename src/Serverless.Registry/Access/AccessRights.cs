using Serverless.Registry.Oci;

namespace Serverless.Registry.Access;

/// <summary>What somebody may do: the sum of rules.</summary>
public sealed class AccessRights
{
    /// <summary>The sum of these rules.</summary>
    public AccessRights(IEnumerable<AccessRule> rules) => Rules = [.. rules.Distinct()];

    /// <summary>Nothing.</summary>
    public static AccessRights None { get; } = new([]);

    /// <summary>Everything.</summary>
    public static AccessRights All { get; } = new([AccessRule.Parse("*:*"), AccessRule.Catalog, AccessRule.Admin]);

    /// <summary>The rules.</summary>
    public IReadOnlyList<AccessRule> Rules { get; }

    /// <summary>Whether every repository may be listed.</summary>
    public bool Catalog => Rules.Contains(AccessRule.Catalog);

    /// <summary>Whether the registry itself may be looked after by its API.</summary>
    public bool Admin => Rules.Contains(AccessRule.Admin);

    /// <summary>What may be done with a repository. The answer does not depend on whether there is such a repository.</summary>
    public RepositoryActions On(RepositoryName repository)
    {
        var actions = Rules.Where(r => r.Matches(repository)).Aggregate(RepositoryActions.None, static (actions, rule) => actions | rule.Actions);
        return actions.HasFlag(RepositoryActions.Pull) ? actions | RepositoryActions.Metadata : actions;
    }

    /// <summary>These rights and others.</summary>
    public AccessRights With(AccessRights others) => new(Rules.Concat(others.Rules));
}
