using Serverless.AzureStorage;
using Serverless.AzureStorage.Development;
using Serverless.Web.Settings;

namespace Serverless.Cli;

/// <summary>Opens the stores of the registry that the settings describe.</summary>
internal delegate Task<RegistryStores> OpenStores(
    RegistrySettings settings, CliConsole console, TimeProvider time, CancellationToken cancellationToken);

/// <summary>The stores that the registry itself would use, save that this tool starts no Azurite: it would end with the command.</summary>
internal static class CliStores
{
    /// <exception cref="SettingsException">There is no storage to be had.</exception>
    public static async Task<RegistryStores> OpenAsync(
        RegistrySettings settings, CliConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        if (settings.Storage.InMemory) throw new SettingsException(["Registry:Storage:InMemory is true, but what a registry keeps in memory can be reached by nobody else."]);
        if (settings.Storage.Account is { } account) return StorageSettings.Open(account, time);
        if (!await IsAzuriteRunningAsync(cancellationToken))
        {
            throw new SettingsException(
            [
                $"No storage is set, and no Azurite is running on the ports {AzuriteProcess.DefaultBlobPort} and {AzuriteProcess.DefaultTablePort}. "
                + "Set Registry:Storage:AccountName or Registry:Storage:ConnectionString.",
            ]);
        }

        await console.SayAsync("No storage is set: using the Azurite that is running on this machine.");
        return StorageSettings.Open(AzureStorageOptions.Development, time);
    }

    private static async Task<bool> IsAzuriteRunningAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AzuriteProcess.IsRunningAsync(cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            throw new SettingsException([e.Message]);
        }
    }
}
