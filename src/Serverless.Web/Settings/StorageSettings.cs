using System.Text.RegularExpressions;
using Serverless.AzureStorage;

namespace Serverless.Web.Settings;

/// <summary>Where the registry keeps what it holds.</summary>
/// <param name="Account">The storage account; null: none is set.</param>
/// <param name="InMemory">Whether everything is kept in this process and gone with it.</param>
public sealed partial record StorageSettings(AzureStorageOptions? Account, bool InMemory)
{
    /// <summary>Reads the settings below <c>Storage</c>.</summary>
    public static StorageSettings Read(SettingsReader reader)
    {
        var defaults = new AzureStorageOptions();
        var account = new AzureStorageOptions
        {
            ConnectionString = reader.Text("Storage:ConnectionString"),
            AccountName = reader.Text("Storage:AccountName"),
            BlobEndpoint = reader.Url("Storage:BlobEndpoint"),
            TableEndpoint = reader.Url("Storage:TableEndpoint"),
            QueueEndpoint = reader.Url("Storage:QueueEndpoint"),
            ClientId = reader.Text("Storage:ClientId"),
            ContainerName = reader.Text("Storage:Container") ?? defaults.ContainerName,
            TablePrefix = reader.Text("Storage:TablePrefix") ?? defaults.TablePrefix,
        };
        CheckNames(account, reader);
        CheckChoice(account, reader);
        var isSet = account.ConnectionString is not null || account.AccountName is not null || (account.BlobEndpoint is not null && account.TableEndpoint is not null);
        var settings = new StorageSettings(isSet ? account : null, reader.Flag("Storage:InMemory", false));
        if (isSet && settings.InMemory) reader.Problem("Storage:InMemory", "is true, but other storage is set too; choose one.");
        return settings;
    }

    /// <summary>The two stores of an account. No storage operation.</summary>
    /// <exception cref="SettingsException">The connection string cannot be read.</exception>
    public static RegistryStores Open(AzureStorageOptions account, TimeProvider time)
    {
        try
        {
            var (tables, objects) = AzureStores.Create(account, time);
            return new RegistryStores(tables, objects);
        }
        catch (FormatException e)
        {
            throw new SettingsException([$"{SettingsReader.Root}:Storage:ConnectionString cannot be used: {e.Message}"]);
        }
    }

    private static void CheckNames(AzureStorageOptions account, SettingsReader reader)
    {
        if (!ContainerGrammar().IsMatch(account.ContainerName)) reader.Problem("Storage:Container", "must be 3 to 63 lower-case letters, digits and single hyphens.");
        if (!TablePrefixGrammar().IsMatch(account.TablePrefix)) reader.Problem("Storage:TablePrefix", "must be empty or begin with a letter and hold at most 40 letters and digits.");
        if (account.AccountName is { } name && !AccountGrammar().IsMatch(name)) reader.Problem("Storage:AccountName", "must be 3 to 24 lower-case letters and digits.");
    }

    private static void CheckChoice(AzureStorageOptions account, SettingsReader reader)
    {
        if (account.ConnectionString is not null && (account.AccountName is not null || account.BlobEndpoint is not null || account.TableEndpoint is not null))
        {
            reader.Problem("Storage:ConnectionString", "is set, so AccountName, BlobEndpoint and TableEndpoint must not be.");
        }

        if (account.AccountName is null && account.BlobEndpoint is null != account.TableEndpoint is null)
        {
            reader.Problem("Storage:BlobEndpoint", "and Storage:TableEndpoint must both be set where there is no AccountName.");
        }
    }

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerGrammar();

    [GeneratedRegex(@"\A([a-zA-Z][a-zA-Z0-9]{0,39})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TablePrefixGrammar();

    [GeneratedRegex(@"\A[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountGrammar();
}
