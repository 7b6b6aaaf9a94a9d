using System.Text.RegularExpressions;

namespace Serverless.Web.Auth.Tokens;

/// <summary>The type of what a scope, or an entry of a token, is about (distribution 3.1.1, "Token Scope").</summary>
internal static partial class AccessType
{
    /// <summary>Whether it is a repository, of whatever class: <c>repository</c>, <c>repository(plugin)</c>. The class says what is in it, which changes no right.</summary>
    public static bool IsRepository(string type) => Grammar().IsMatch(type);

    [GeneratedRegex(@"\Arepository(?:\([a-z0-9]+\))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
