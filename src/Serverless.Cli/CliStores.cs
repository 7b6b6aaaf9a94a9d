using Serverless.AzureStorage.Development;
using Serverless.LocalStorage;
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
        if (settings.Storage.Development) await DemandAzuriteAsync(cancellationToken);
        if (settings.Storage.Account is { } account) return StorageSettings.Open(account, time);
        var folder = Path.GetFullPath(settings.Storage.Folder!);
        if (settings.Storage.IsOpen)
        {
            // Nobody means to have users in a registry that he has just made by being in another folder.
            if (!Directory.Exists(folder)) throw new SettingsException([$"No storage is set, and there is no folder {folder}. Set Registry:Storage:Path, Registry:Storage:AccountName or Registry:Storage:ConnectionString."]);
            await console.SayAsync($"No storage is set: using {folder}.");
        }

        return OpenFolder(folder, time);
    }

    /// <summary>The stores in a folder of this machine.</summary>
    /// <exception cref="SettingsException">It cannot be used.</exception>
    public static RegistryStores OpenFolder(string folder, TimeProvider time)
    {
        try
        {
            var stores = LocalStores.Open(folder, time);
            return new RegistryStores(stores.Tables, stores.Objects) { Owner = stores };
        }
        catch (LocalStorageException e)
        {
            throw new SettingsException([e.Message]);
        }
    }

    private static async Task DemandAzuriteAsync(CancellationToken cancellationToken)
    {
        if (await IsAzuriteRunningAsync(cancellationToken)) return;
        throw new SettingsException([$"Registry:Storage:Development is true, and no Azurite is running on the ports {AzuriteProcess.DefaultBlobPort} and {AzuriteProcess.DefaultTablePort}."]);
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
