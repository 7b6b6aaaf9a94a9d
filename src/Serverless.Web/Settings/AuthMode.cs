namespace Serverless.Web.Settings;

/// <summary>How callers sign in.</summary>
public enum AuthMode
{
    /// <summary>Not at all: everybody may do everything.</summary>
    None,

    /// <summary>By name and password with every request, against an htpasswd file.</summary>
    Basic,

    /// <summary>By tokens, from the registry's own token service or another's.</summary>
    Token,
}
