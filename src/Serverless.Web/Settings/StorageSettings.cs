using System.Text.RegularExpressions;
using Serverless.AzureStorage;

namespace Serverless.Web.Settings;

/// <summary>Where the registry keeps what it holds.</summary>
/// <param name="Account">The storage account; null: none is set.</param>
/// <param name="InMemory">Whether everything is kept in this process and gone with it.</param>
/// <param name="Path">The folder on this machine's disk; null: none is set.</param>
/// <param name="Development">Whether the account is an Azurite of this machine, which a plain server starts where none is running.</param>
public sealed partial record StorageSettings(AzureStorageOptions? Account, bool InMemory, string? Path, bool Development)
{
    /// <summary>The folder that a plain server and the operator's tool use where no storage is set, below the working directory.</summary>
    public const string DefaultPath = ".registry";

    /// <summary>The folder that everything is kept in; null: it is kept elsewhere.</summary>
    public string? Folder => Path ?? (IsOpen ? DefaultPath : null);

    /// <summary>Whether nothing says where.</summary>
    public bool IsOpen => this is { Account: null, InMemory: false, Path: null };

    /// <summary>Reads the settings below <c>Storage</c>.</summary>
    public static StorageSettings Read(SettingsReader reader)
    {
        var defaults = AzureStorageOptions.Development;
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
        var (path, inMemory, development) = (reader.Text("Storage:Path"), reader.Flag("Storage:InMemory", false), reader.Flag("Storage:Development", false));
        (string Key, bool IsChosen)[] others = [("Storage:Path", path is not null), ("Storage:InMemory", inMemory), ("Storage:Development", development)];
        if (others.Count(o => o.IsChosen) + (isSet ? 1 : 0) > 1)
        {
            foreach (var (key, _) in others.Where(o => o.IsChosen)) reader.Problem(key, "is set, but other storage is set too; choose one.");
        }

        if (development && !isSet) (account, isSet) = (account with { ConnectionString = defaults.ConnectionString }, true);
        return new StorageSettings(isSet ? account : null, inMemory, path, development);
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
