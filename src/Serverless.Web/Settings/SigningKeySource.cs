using Serverless.AzureStorage.Secrets;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;

namespace Serverless.Web.Settings;

/// <summary>Where the keys are that sign tokens, unless one is in a file.</summary>
public static class SigningKeySource
{
    /// <summary>The keys in the vault that the settings name, or else those in storage. No call to either.</summary>
    public static ISigningKeys Open(RegistrySettings settings, ITableStore tables, TimeProvider time) =>
        // One identity reads both.
        settings.Auth.Token.KeyVault is { } vault
            ? new VaultSigningKeys(vault with { ClientId = settings.Storage.Account?.ClientId }, time)
            : new SigningKeyStore(tables, time);
}
