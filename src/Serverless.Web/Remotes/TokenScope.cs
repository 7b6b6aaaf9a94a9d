using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>A token that is needed: from where, for what service, for what.</summary>
/// <param name="Realm">The token service, as the registry names it; null when it names none.</param>
/// <param name="Service">What the token service calls the registry; null when the registry does not say.</param>
/// <param name="Scope">What the token is to allow.</param>
internal sealed record TokenScope(string? Realm, string? Service, string Scope)
{
    private const string Push = "push";

    // metadata_read is what Azure's registries call a look at the list of tags.
    private static readonly string[] s_reading = ["pull", "metadata_read"];
    private static readonly string[] s_pushing = [.. s_reading, Push];

    /// <summary>
    /// What a challenge asks for. Its own scope is taken, because some registries have other names for their repositories there, but not if it allows more than what is done: a registry is
    /// not handed the rights of whoever copies from it. Whoever pushes asks for that from the start, also where a look at what is there would need less.
    /// </summary>
    public static TokenScope Of(Challenge challenge, RepositoryName name, bool isPush)
    {
        var said = challenge.Find("scope") is { Length: > 0 } text && Allows(text, isPush ? s_pushing : s_reading) ? text : $"repository:{name}:pull";
        return new TokenScope(challenge.Find("realm"), challenge.Find("service"), isPush ? WithPush(said) : said);
    }

    // type:name:action,action; several with spaces between.
    private static bool Allows(string scope, string[] actions) => Parts(scope).All(s => s.Split(':') is { Length: >= 3 } parts && parts[^1].Split(',').All(actions.Contains));

    private static string WithPush(string scope) =>
        string.Join(' ', Parts(scope).Select(s => s.StartsWith("repository:", StringComparison.Ordinal) && !s[(s.LastIndexOf(':') + 1)..].Split(',').Contains(Push) ? $"{s},{Push}" : s));

    private static string[] Parts(string scope) => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
