using Serverless.Registry.Access;

namespace Serverless.Web.Settings;

/// <summary>What is set for signing in by name and password with every request.</summary>
/// <param name="Realm">What clients show when they ask for a password.</param>
/// <param name="Rights">The rights of users by name, <c>*</c> for all users; when empty every user may do everything.</param>
/// <param name="Anonymous">What may be done without signing in.</param>
public sealed record BasicSettings(string Realm, IReadOnlyDictionary<string, AccessRights> Rights, AccessRights Anonymous)
{
    /// <summary>What a user may do.</summary>
    public AccessRights RightsOf(string user)
    {
        if (Rights.Count == 0) return AccessRights.All;
        var everyone = Rights.GetValueOrDefault("*") ?? AccessRights.None;
        return everyone.With(Rights.GetValueOrDefault(user) ?? AccessRights.None).With(Anonymous);
    }
}
