using Azure.Core;
using Azure.Identity;

namespace Serverless.Web.Events;

/// <summary>Who signs in to Event Grid.</summary>
/// <param name="Open">The credential of a managed identity, by its client id; null leaves the choice to Azure.Identity.</param>
internal sealed record EventGridCredentials(Func<string?, TokenCredential> Open)
{
    /// <summary>Those of this machine.</summary>
    public static EventGridCredentials System { get; } = new(clientId => new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId }));
}
