using Serverless.AzureStorage.Secrets;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;

namespace Serverless.Web.Settings;

/// <summary>Where the keys are that sign tokens, unless one is in a file.</summary>
public static class SigningKeySource
{
    /// <summary>The keys in the vault that the settings name, or else those in storage. No call to either.</summary>
    public static ISigningKeys Open(TokenSettings settings, ITableStore tables, TimeProvider time) =>
        settings.KeyVault is { } vault ? new VaultSigningKeys(vault, time) : new SigningKeyStore(tables, time);
}
