namespace Serverless.Registry.Accounts;

/// <summary>What a refresh token stands for.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Service">The service that it is good for.</param>
/// <param name="Expires">When it ends unless it is used before, UTC.</param>
/// <param name="Last">When it ends however often it is used, UTC.</param>
/// <param name="Origin">How the subject had signed in to get it; it holds as long as that does.</param>
public sealed record RefreshToken(string Subject, string Service, DateTimeOffset Expires, DateTimeOffset Last, RefreshOrigin Origin);
