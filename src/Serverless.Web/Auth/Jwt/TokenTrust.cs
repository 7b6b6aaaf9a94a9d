using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.Tokens;

namespace Serverless.Web.Auth.Jwt;

/// <summary>Whose tokens are believed, all of it from the configuration and nothing from a token.</summary>
/// <param name="Issuer">The issuer (<c>iss</c>), exactly.</param>
/// <param name="Audience">The audience (<c>aud</c>) that must be among those of the token.</param>
/// <param name="Algorithms">The signature algorithms that are accepted.</param>
/// <param name="FindKeysAsync">The issuer's keys; told the name of the one that a token asks for, null where it names none.</param>
internal sealed record TokenTrust(
    string Issuer, string Audience, IReadOnlyCollection<string> Algorithms, Func<string?, CancellationToken, ValueTask<IReadOnlyList<SecurityKey>>> FindKeysAsync)
{
    /// <summary>How long a token of this issuer lives at most; null: as long as it says.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>Certificates to which the chain in a token's <c>x5c</c> may lead; empty refuses such tokens.</summary>
    public X509Certificate2Collection Roots { get; init; } = [];
}
