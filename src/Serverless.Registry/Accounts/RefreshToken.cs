namespace Serverless.Registry.Accounts;

/// <summary>What a refresh token stands for.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Service">The service that it is good for.</param>
/// <param name="Issued">When it was given out, UTC.</param>
/// <param name="Expires">When it ends, UTC.</param>
/// <param name="Scopes">
/// The scope maps of a subject without an account, who signed in by another issuer's token; null when the subject has an account, which is asked each time.
/// </param>
public sealed record RefreshToken(string Subject, string Service, DateTimeOffset Issued, DateTimeOffset Expires, IReadOnlyList<string>? Scopes);
