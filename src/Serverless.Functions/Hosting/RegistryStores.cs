using Serverless.AzureStorage;
using Serverless.Registry.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>Opens the stores that the settings name, for the app and for the operator's tool alike.</summary>
internal static class RegistryStores
{
    /// <summary>The two stores of an account. No storage operation.</summary>
    /// <exception cref="SettingsException">The connection string cannot be read.</exception>
    public static (ITableStore Tables, IObjectStore Objects) Open(AzureStorageOptions storage, TimeProvider time)
    {
        try
        {
            return AzureStores.Create(storage, time);
        }
        catch (FormatException e)
        {
            throw new SettingsException([$"Registry:Storage:ConnectionString cannot be used: {e.Message}"]);
        }
    }
}
