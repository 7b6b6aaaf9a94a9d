namespace Serverless.Functions.Auth;

/// <summary>Somebody whose request was let in. Made by the <see cref="AccessGate"/> alone.</summary>
internal sealed class Caller
{
    private readonly AccessRule _rule;

    internal Caller(string? name, AccessRule rule) => (Name, _rule) = (name, rule);

    /// <summary>The caller's name; null when nobody has signed in.</summary>
    public string? Name { get; }

    /// <summary>Whether the caller may do more than the request itself needed, for instance read the source of a mount.</summary>
    public bool May(RequiredAccess access) => _rule(access);
}
