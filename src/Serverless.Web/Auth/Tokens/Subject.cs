using Serverless.Registry.Access;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Somebody who has signed in at the token service, or has not.</summary>
/// <param name="Name">The name; null for nobody.</param>
/// <param name="How">How, for the audit log.</param>
/// <param name="Rights">What the subject may do.</param>
internal sealed record Subject(string? Name, string How, AccessRights Rights)
{
    /// <summary>The scope maps of somebody without an account here; null for everybody else.</summary>
    public IReadOnlyList<string>? FederatedScopes { get; init; }

    /// <summary>The refresh token that was used; null when there was none.</summary>
    public string? RefreshToken { get; init; }
}
