namespace Serverless.Web.Auth.Federation;

/// <summary>Somebody who was let in by a federated issuer.</summary>
/// <param name="Name">The issuer's name here and what the issuer calls the subject.</param>
/// <param name="Scopes">The scope maps that the rules give.</param>
/// <param name="Rules">The fingerprints of the rules that fit.</param>
internal sealed record FederatedSubject(string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Rules);
