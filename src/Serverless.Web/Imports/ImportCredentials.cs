using System.Text.Json.Serialization;
using Serverless.Web.Remotes;

namespace Serverless.Web.Imports;

/// <summary>What proves to a source who asks, as it comes with a request: a user and a password, or a token that the registry itself takes.</summary>
public sealed record ImportCredentials
{
    /// <summary>The user; null with a token.</summary>
    public string? Username { get; init; }

    /// <summary>The user's password, or what the registry takes for one; null with a token.</summary>
    public string? Password { get; init; }

    /// <summary>A token; null with a user.</summary>
    public string? Token { get; init; }

    /// <summary>Hosts that may be given user and password when the registry says that tokens come from there.</summary>
    public IReadOnlyList<string>? TrustedRealms { get; init; }

    /// <summary>What is wrong with them; null when nothing is.</summary>
    public string? FindProblem() => this switch
    {
        { Token: not null, Username: null, Password: null } when RemoteCredentials.IsToken(Token) => null,
        { Token: null, Username: { Length: > 0 } user, Password: { Length: > 0 } } when !user.Contains(':', StringComparison.Ordinal) => null,
        _ => "credentials have a username, without a colon, and a password, or else a token without spaces",
    };

    /// <summary>Them as they are sent.</summary>
    internal RemoteCredentials ToRemote() => Token is { } token ? RemoteCredentials.OfToken(token) : RemoteCredentials.OfUser(Username!, Password!);

    // Whoever prints it sees no secret.
    /// <inheritdoc/>
    public override string ToString() => "credentials";
}

/// <summary>How credentials are kept, before they are sealed.</summary>
[JsonSerializable(typeof(ImportCredentials))]
internal sealed partial class ImportJson : JsonSerializerContext;
