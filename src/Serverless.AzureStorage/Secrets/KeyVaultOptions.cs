using Azure.Identity;

namespace Serverless.AzureStorage.Secrets;

/// <summary>A secret of a key vault, and who reads it.</summary>
/// <param name="Vault">The address of the vault, as <c>https://name.vault.azure.net</c>.</param>
/// <param name="Secret">The secret's name.</param>
public sealed record KeyVaultOptions(Uri Vault, string Secret)
{
    /// <summary>The client id of the user-assigned identity to use; null leaves the choice to <see cref="DefaultAzureCredential"/>.</summary>
    public string? ClientId { get; init; }
}
