using Serverless.AzureStorage.Secrets;

namespace Serverless.Web.Settings;

/// <summary>What is set for tokens.</summary>
public sealed record TokenSettings
{
    /// <summary>Every algorithm that may be chosen: asymmetric ones only, so that a public key can never serve as a secret.</summary>
    public static readonly IReadOnlyList<string> AllAlgorithms = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    /// <summary>The service that tokens are for (<c>aud</c>).</summary>
    public required string Service { get; init; }

    /// <summary>Who issues them (<c>iss</c>).</summary>
    public required string Issuer { get; init; }

    /// <summary>Where tokens are to be had; null: at this registry, under the address that the request came to.</summary>
    public Uri? Realm { get; init; }

    /// <summary>Whether tokens are issued by another server.</summary>
    public bool IsExternal { get; init; }

    /// <summary>The signature algorithms that are accepted of another server.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = AllAlgorithms;

    /// <summary>A file or an https URL with the other server's keys; null when there is none.</summary>
    public string? Jwks { get; init; }

    /// <summary>The URL with those keys; null when they are in a file.</summary>
    public Uri? JwksUrl => Jwks is { } text && text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null;

    /// <summary>A PEM file with the other server's certificates, or those of the authority that signed them; null when there is none.</summary>
    public string? RootCertBundle { get; init; }

    /// <summary>A PEM file with the key that signs this registry's tokens; null: keys are in a vault, or are made and kept in storage.</summary>
    public string? SigningKey { get; init; }

    /// <summary>The secret of a key vault whose versions are the keys that sign this registry's tokens; null: keys are made and kept in storage.</summary>
    public KeyVaultOptions? KeyVault { get; init; }

    /// <summary>How long a token lives.</summary>
    public TimeSpan Lifetime { get; init; }

    /// <summary>How long a refresh token lives from its last use; zero: there are none.</summary>
    public TimeSpan RefreshLifetime { get; init; }

    /// <summary>How long a refresh token lives however often it is used.</summary>
    public TimeSpan RefreshMaxLifetime { get; init; }
}
