using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>A token that is needed: from where, for what service, for what.</summary>
/// <param name="Realm">The token service, as the registry names it; null when it names none.</param>
/// <param name="Service">What the token service calls the registry; null when the registry does not say.</param>
/// <param name="Scope">What the token is to allow.</param>
internal sealed record TokenScope(string? Realm, string? Service, string Scope)
{
    // metadata_read is what Azure's registries call a look at the list of tags.
    private static readonly string[] s_reading = ["pull", "metadata_read"];

    /// <summary>
    /// What a challenge asks for. Its own scope is taken, because some registries have other names for their repositories there, but not if it allows more than reading: a registry is
    /// not handed the rights of whoever copies from it.
    /// </summary>
    public static TokenScope Of(Challenge challenge, RepositoryName name)
    {
        var scope = challenge.Find("scope");
        return new TokenScope(challenge.Find("realm"), challenge.Find("service"), scope is { Length: > 0 } && IsReading(scope) ? scope : $"repository:{name}:pull");
    }

    // type:name:action,action; several with spaces between.
    private static bool IsReading(string scope) =>
        scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(s => s.Split(':') is { Length: >= 3 } parts && parts[^1].Split(',').All(s_reading.Contains));
}
