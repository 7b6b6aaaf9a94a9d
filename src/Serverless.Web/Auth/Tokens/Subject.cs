using Serverless.Registry.Access;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Somebody who has signed in at the token service, or has not.</summary>
/// <param name="Name">The name; null for nobody.</param>
/// <param name="How">How, for the audit log.</param>
/// <param name="Rights">What the subject may do.</param>
internal sealed record Subject(string? Name, string How, AccessRights Rights)
{
    /// <summary>How the subject signed in, for a refresh token to hold as long as that does; null for nobody.</summary>
    public RefreshOrigin? Origin { get; init; }

    /// <summary>The refresh token that was used; null when there was none.</summary>
    public string? RefreshToken { get; init; }
}
