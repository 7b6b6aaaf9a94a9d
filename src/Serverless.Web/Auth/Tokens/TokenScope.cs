using Serverless.Registry.Access;
using Serverless.Registry.Oci;

namespace Serverless.Web.Auth.Tokens;

/// <summary>What a token is asked for: <c>type:name:actions</c> (distribution 3.1.1, "Token Scope").</summary>
internal sealed record TokenScope(string Type, string Name, IReadOnlyList<string> Actions)
{
    /// <summary>The most scopes that one request may name.</summary>
    public const int MaxCount = 1000;

    /// <summary>The scopes of a request, which come repeated, separated by spaces, or both.</summary>
    /// <exception cref="RegistryException">There are too many, or one is no scope.</exception>
    public static IReadOnlyList<TokenScope> ParseAll(IEnumerable<string?> values)
    {
        var texts = values.SelectMany(v => (v ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Take(MaxCount + 1).ToList();
        if (texts.Count > MaxCount) throw new RegistryException(RegistryError.TokenRequestInvalid, $"more than {MaxCount} scopes");
        return [.. texts.Select(Parse)];
    }

    /// <summary>What of it these rights give; null when they give nothing of it.</summary>
    public AccessRule? Grant(AccessRights rights)
    {
        if (Type == "registry") return AccessRule.FindResource(Name) is { } rule && Actions.Contains("*") && rights.Rules.Contains(rule) ? rule : null;
        if (!AccessType.IsRepository(Type) || !RepositoryName.TryParse(Name, out var repository)) return null;
        var (asked, rightful) = (AccessRule.ParseActions(Actions), rights.On(repository));
        var granted = asked & rightful;
        // Whoever may only list cannot know another word to ask with.
        if (asked.HasFlag(RepositoryActions.Pull) && !granted.HasFlag(RepositoryActions.Pull)) granted |= rightful & RepositoryActions.Metadata;
        return granted == RepositoryActions.None ? null : AccessRule.For(repository, granted);
    }

    private static TokenScope Parse(string text)
    {
        var (first, last) = (text.IndexOf(':', StringComparison.Ordinal), text.LastIndexOf(':'));
        return first > 0 && last > first + 1
            ? new TokenScope(text[..first], text[(first + 1)..last], text[(last + 1)..].Split(','))
            : throw new RegistryException(RegistryError.TokenRequestInvalid, "a scope is written type:name:actions");
    }
}
