namespace Serverless.Web.Auth.Tokens;

/// <summary>The claims of this registry's tokens, beside the registered ones of RFC 7519.</summary>
internal static class TokenClaims
{
    /// <summary>What the token gives (distribution 3.1.1, "Token Authentication Implementation").</summary>
    public const string Access = "access";

    /// <summary>Fingerprints of the rules that let in who was vouched for by another issuer. Our own; they tell nobody what the rules say.</summary>
    public const string Rules = "rules";
}
