using Serverless.AzureStorage.Development;
using Serverless.Functions.Hosting;
using Serverless.Registry.Storage;

namespace Serverless.Cli;

/// <summary>Opens the stores of the registry that the settings describe.</summary>
internal delegate Task<(ITableStore Tables, IObjectStore Objects)> OpenStores(
    RegistrySettings settings, CliConsole console, TimeProvider time, CancellationToken cancellationToken);

/// <summary>The stores that the registry itself would use, save that this tool starts no Azurite: it would end with the command.</summary>
internal static class CliStores
{
    /// <exception cref="SettingsException">There is no storage to be had.</exception>
    public static async Task<(ITableStore Tables, IObjectStore Objects)> OpenAsync(
        RegistrySettings settings, CliConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        if (settings.InMemory) throw new SettingsException(["Registry:Storage:InMemory is true, but what a registry keeps in memory can be reached by nobody else."]);
        if (settings.Storage is { } storage) return RegistryStores.Open(storage, time);
        var running = await DevelopmentStorage.FindAsync(cancellationToken) ?? throw new SettingsException(
        [
            $"No storage is set, and no Azurite is running on the ports {AzuriteProcess.DefaultBlobPort} and {AzuriteProcess.DefaultTablePort}. "
            + "Set Registry:Storage:AccountName or Registry:Storage:ConnectionString.",
        ]);
        await console.SayAsync("No storage is set: using the Azurite that is running on this machine.");
        return RegistryStores.Open(running, time);
    }
}
