namespace Serverless.Web.Auth.Tokens;

/// <summary>The claims of this registry's tokens, beside the registered ones of RFC 7519.</summary>
internal static class TokenClaims
{
    /// <summary>What the token gives (distribution 3.1.1, "Token Authentication Implementation").</summary>
    public const string Access = "access";

    /// <summary>Patterns of the repositories that the catalog shows. Our own: a client asks for the catalog as a whole or not at all.</summary>
    public const string Visible = "visible";
}
