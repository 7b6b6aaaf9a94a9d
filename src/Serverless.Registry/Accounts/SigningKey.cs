namespace Serverless.Registry.Accounts;

/// <summary>A key that signs tokens.</summary>
/// <param name="Id">Its name in tokens (<c>kid</c>).</param>
/// <param name="PrivateKeyPem">The private key, P-256, as PKCS #8 in PEM.</param>
/// <param name="SignsFrom">From when on it signs, UTC. Before that it is only published, so that all instances know it in time.</param>
public sealed record SigningKey(string Id, string PrivateKeyPem, DateTimeOffset SignsFrom);
