using Serverless.Registry.Access;

namespace Serverless.Cli.Operating;

/// <summary>The scope maps of a registry.</summary>
internal interface IScopeMaps
{
    /// <summary>All of them by name, those of the configuration included.</summary>
    Task<IReadOnlyList<ScopeMapInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes a scope map or replaces it.</summary>
    /// <exception cref="CliException">It is set by the configuration.</exception>
    Task SetAsync(string name, AccessRights rights, CancellationToken cancellationToken);

    /// <summary>Deletes a scope map.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="CliException">It is set by the configuration.</exception>
    Task<bool> DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>What is said of a map that the configuration sets.</summary>
    static CliException Configured(string name) => new($"The scope map '{name}' is set by the configuration, and can be changed only there.");
}

/// <summary>A scope map.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rules">What it gives.</param>
/// <param name="IsConfigured">Whether the configuration sets it.</param>
internal sealed record ScopeMapInfo(string Name, IReadOnlyList<string> Rules, bool IsConfigured);
